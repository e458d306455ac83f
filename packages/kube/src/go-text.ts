/** Texts that Kubernetes' Go code puts into its messages. */

const ESCAPES: Readonly<Record<number, string>> = {
  7: '\\a',
  8: '\\b',
  9: '\\t',
  10: '\\n',
  11: '\\v',
  12: '\\f',
  13: '\\r',
  34: '\\"',
  92: '\\\\',
}

/** Go's `%q` of a string. Anything printable stays, other characters become escapes. */
export function quoteGo(text: string): string {
  let quoted = '"'
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const short = ESCAPES[code]
    if (short !== undefined) quoted += short
    else if (code < 0x20 || code === 0x7f) quoted += `\\x${code.toString(16).padStart(2, '0')}`
    else if (code > 0x7f && isUnprintable(character)) quoted += unicodeEscape(code)
    else quoted += character
  }
  return `${quoted}"`
}

function isUnprintable(character: string): boolean {
  return /[\p{C}\p{Z}]/u.test(character)
}

function unicodeEscape(code: number): string {
  return code > 0xffff ? `\\U${code.toString(16).padStart(8, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
}

/** Bytes of the text in UTF-8, which is what Go's `len` counts. */
export function utf8Length(text: string): number {
  let length = 0
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code < 0x80) length += 1
    else if (code < 0x800) length += 2
    // Each half of a surrogate pair stands for two of the pair's four bytes.
    else length += code >= 0xd800 && code <= 0xdfff ? 2 : 3
  }
  return length
}

/**
 * Go's shortest `%g`, which `%v` prints for a float, too: exponent form below
 * 1e-04 and from 1e+06 on.
 *
 * @param bits 32: as few digits as still name the same single-precision number
 */
export function formatGoFloat(value: number, bits: 32 | 64): string {
  const digits = bits === 32 ? singlePrecisionDigits(value) : undefined
  const [mantissa = '', exponentText = '0'] = value.toExponential(digits).split('e')
  const exponent = Number(exponentText)
  if (exponent >= -4 && exponent < 6) return String(Number(`${mantissa}e${exponent}`))
  return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`
}

function singlePrecisionDigits(value: number): number {
  const single = Math.fround(value)
  let digits = 0
  while (digits < 8 && Math.fround(Number(value.toExponential(digits))) !== single) digits++
  return digits
}
