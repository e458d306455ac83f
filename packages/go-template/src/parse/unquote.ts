import { fromBytes, toBytes } from '../format/bytes.ts'

/** One character of a quoted text. */
interface Unquoted {
  readonly rune: number
  /** Written as `\xNN` or `\NNN`: in a string one byte, whatever its value. */
  readonly isByte: boolean
  /** Offset behind it. */
  readonly next: number
}

const simpleEscapes: ReadonlyMap<string, number> = new Map([
  ['a', 7],
  ['b', 8],
  ['f', 12],
  ['n', 10],
  ['r', 13],
  ['t', 9],
  ['v', 11],
  ['\\', 92],
])

const hexDigits: ReadonlyMap<string, number> = new Map([
  ['x', 2],
  ['u', 4],
  ['U', 8],
])

/** Reads one character or escape at an offset; undefined if it is not well formed. */
function unquoteChar(text: string, at: number, quote: string): Unquoted | undefined {
  const char = text[at]
  if (char === undefined || char === quote) return undefined
  if (char !== '\\') {
    const rune = text.codePointAt(at) ?? 0
    return { rune, isByte: false, next: at + (rune > 0xffff ? 2 : 1) }
  }
  const letter = text[at + 1]
  if (letter === undefined) return undefined
  const simple = simpleEscapes.get(letter)
  if (simple !== undefined) return { rune: simple, isByte: false, next: at + 2 }
  if (letter === quote) return { rune: quote.charCodeAt(0), isByte: false, next: at + 2 }
  const count = hexDigits.get(letter)
  return count === undefined ? octalEscape(text, at) : hexEscape(text, at, count)
}

function hexEscape(text: string, at: number, count: number): Unquoted | undefined {
  const digits = text.slice(at + 2, at + 2 + count)
  if (digits.length < count || !/^[0-9a-fA-F]+$/.test(digits)) return undefined
  const rune = Number.parseInt(digits, 16)
  if (count === 2) return { rune, isByte: true, next: at + 4 }
  if (rune > 0x10ffff || (rune >= 0xd800 && rune <= 0xdfff)) return undefined
  return { rune, isByte: false, next: at + 2 + count }
}

function octalEscape(text: string, at: number): Unquoted | undefined {
  const digits = text.slice(at + 1, at + 4)
  if (!/^[0-7]{3}$/.test(digits)) return undefined
  const rune = Number.parseInt(digits, 8)
  return rune > 255 ? undefined : { rune, isByte: true, next: at + 4 }
}

/** `strconv.Unquote` of a `"…"` or `` `…` `` literal; undefined where Go says `invalid syntax`. */
export function unquote(literal: string): string | undefined {
  const inner = literal.slice(1, -1)
  if (literal.startsWith('`')) return inner.replaceAll('\r', '')
  if (!inner.includes('\\')) return inner
  const bytes: number[] = []
  let out = ''
  let at = 0
  // Bytes are collected until a character follows, since several of them may make one character.
  const flush = (): void => {
    if (bytes.length > 0) out += fromBytes(bytes)
    bytes.length = 0
  }
  while (at < inner.length) {
    const char = unquoteChar(inner, at, '"')
    if (char === undefined) return undefined
    if (char.isByte) bytes.push(char.rune)
    else {
      flush()
      out += String.fromCodePoint(char.rune)
    }
    at = char.next
  }
  flush()
  return /[\udc80-\udcff]/.test(out) ? fromBytes(toBytes(out)) : out
}

/** The value of a character constant such as `'a'` or `'\n'`, or what is wrong with it. */
export function unquoteCharacter(literal: string): number | string {
  const char = unquoteChar(literal, 1, "'")
  if (char === undefined) return 'invalid syntax'
  if (literal.slice(char.next) !== "'") return `malformed character constant: ${literal}`
  return char.rune >= 0xd800 && char.rune <= 0xdfff ? 0xfffd : char.rune
}
