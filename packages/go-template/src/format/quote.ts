import { isRawByte } from './bytes.ts'

/*
 * strconv.Quote and its relatives.
 */

const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u

/** `unicode.IsPrint`: letters, marks, numbers, punctuation, symbols, and the ASCII space. */
export function isPrintRune(rune: number): boolean {
  if (rune < 0x7f) return rune >= 0x20
  if (rune < 0xa1 || rune === 0xad || (rune >= 0xd800 && rune <= 0xdfff) || rune > 0x10ffff) return false
  return printable.test(String.fromCodePoint(rune))
}

const shortEscapes: ReadonlyMap<number, string> = new Map([
  [7, '\\a'],
  [8, '\\b'],
  [12, '\\f'],
  [10, '\\n'],
  [13, '\\r'],
  [9, '\\t'],
  [11, '\\v'],
])

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, '0')
}

function escapeRune(rune: number, quote: number, asciiOnly: boolean): string {
  if (rune === quote || rune === 0x5c) return `\\${String.fromCharCode(rune)}`
  if (asciiOnly ? rune < 0x7f && rune >= 0x20 : isPrintRune(rune)) return String.fromCodePoint(rune)
  const short = shortEscapes.get(rune)
  if (short !== undefined) return short
  if (rune < 0x20 || rune === 0x7f) return `\\x${hex(rune, 2)}`
  return rune < 0x10000 ? `\\u${hex(rune, 4)}` : `\\U${hex(rune, 8)}`
}

function quoteWith(text: string, asciiOnly: boolean): string {
  let out = '"'
  for (let i = 0; i < text.length; i++) {
    const rune = text.codePointAt(i) ?? 0
    if (isRawByte(rune)) out += `\\x${hex(rune - 0xdc00, 2)}`
    else out += escapeRune(rune >= 0xd800 && rune <= 0xdfff ? 0xfffd : rune, 0x22, asciiOnly)
    if (rune > 0xffff) i++
  }
  return `${out}"`
}

// Nearly every text that is quoted needs no escape at all.
const plain = /^[ !#-[\]-~]*$/

/** `strconv.Quote`, which is what `%q` prints and sprig's `quote` uses. */
export function goQuote(text: string): string {
  return plain.test(text) ? `"${text}"` : quoteWith(text, false)
}

/** `strconv.QuoteToASCII` (`%+q`). */
export function goQuoteAscii(text: string): string {
  return quoteWith(text, true)
}

/** `strconv.QuoteRune`, or with `asciiOnly` `QuoteRuneToASCII` (`%q` and `%+q` of integers). */
export function goQuoteRune(rune: number, asciiOnly: boolean): string {
  const valid = rune >= 0 && rune <= 0x10ffff && !(rune >= 0xd800 && rune <= 0xdfff)
  return `'${escapeRune(valid ? rune : 0xfffd, 0x27, asciiOnly)}'`
}

/** `strconv.CanBackquote` (`%#q`). */
export function canBackquote(text: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what the rule is about.
  return !/[\u0000-\u0008\u000a-\u001f`\u007f\ufeff]/.test(text) && text.isWellFormed()
}
