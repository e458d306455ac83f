import { isAscii, toBytes } from '../format/bytes.ts'
import { isPrintRune } from '../format/quote.ts'
import { goSprint, pointedTo } from '../format/sprint.ts'
import type { Value } from '../value.ts'

/** The operands of an escaper as one text: a single string as it is, anything else as `print` joins it. */
function joined(args: readonly Value[]): string {
  const [only] = args
  if (args.length === 1 && typeof only === 'string') return only
  // No value prints differently here than in print, since Go looks at each operand before it prints.
  return goSprint(args.map((arg) => (arg === undefined || arg === null ? '<no value>' : pointedTo(arg))))
}

const htmlEntities: Readonly<Record<string, string>> = {
  '\u0000': '\ufffd',
  '"': '&#34;',
  "'": '&#39;',
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
}

/** The builtin `html`. */
export function escapeHtml(args: readonly Value[]): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: NUL is replaced, as in Go.
  return joined(args).replace(/[\u0000"'&<>]/g, (char) => htmlEntities[char] ?? char)
}

/** The builtin `js`: text for a string literal of JavaScript. */
export function escapeJs(args: readonly Value[]): string {
  return joined(args).replace(/[\\'"<>&=]|[^ -~]/gu, jsForm)
}

function jsForm(char: string): string {
  switch (char) {
    case '\\':
    case "'":
    case '"':
      return `\\${char}`
    case '<':
    case '>':
    case '&':
    case '=':
      return jsUnicode(char.charCodeAt(0))
  }
  const rune = char.codePointAt(0) ?? 0
  // Bytes that are no text pass as they are: Go takes them for U+FFFD, which it thinks printable.
  if (rune >= 0xd800 && rune <= 0xdfff) return char
  if (rune >= 0x20 && (rune < 0x80 || isPrintRune(rune))) return char
  return jsUnicode(rune)
}

function jsUnicode(rune: number): string {
  return `\\u${rune.toString(16).toUpperCase().padStart(4, '0')}`
}

/** The builtin `urlquery`: percent encoding with `+` for spaces. */
export function escapeQuery(args: readonly Value[]): string {
  const text = joined(args)
  if (isAscii(text) && /^[\w.~-]*$/.test(text)) return text
  let out = ''
  for (const byte of toBytes(text)) {
    const char = String.fromCharCode(byte)
    if (/[\w.~-]/.test(char)) out += char
    else out += byte === 0x20 ? '+' : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
  }
  return out
}
