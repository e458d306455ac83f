/** `encoding/json`'s reading into `any`, with its error texts. */
import { joinBytes, toBytes } from '../format/bytes.ts'
import { goQuote } from '../format/quote.ts'
import type { Value } from '../value.ts'
import { newMap, setEntry } from './map-entries.ts'

/** Go allows 10000; printing and encoding stop long before, and so must a recursive reader. */
const maximumDepth = 1000

interface Reader {
  readonly text: string
  at: number
  /** A number beyond float64 becomes nil and is reported at the end, so that the rest is still read. */
  rangeError: Error | undefined
}

/** The value of a JSON text. `error` is set if a number did not fit; the value then has nil in its place. */
export function decodeJson(text: string): { value: Value; error: Error | undefined } {
  const reader: Reader = { text, at: 0, rangeError: undefined }
  const value = readValue(reader, 0)
  skipSpace(reader)
  if (reader.at < text.length) throw unexpected(reader, 'after top-level value')
  return { value, error: reader.rangeError }
}

function readValue(reader: Reader, depth: number): Value {
  skipSpace(reader)
  if (depth > maximumDepth) throw new Error('exceeded max depth')
  const next = reader.text.charAt(reader.at)
  switch (next) {
    case '':
      throw endOfInput()
    case '{':
      return readObject(reader, depth)
    case '[':
      return readArray(reader, depth)
    case '"':
      return readString(reader)
    case 't':
      return readLiteral(reader, 'true', true)
    case 'f':
      return readLiteral(reader, 'false', false)
    case 'n':
      return readLiteral(reader, 'null', null)
  }
  if (next === '-' || isDigit(next)) return readNumber(reader)
  throw unexpected(reader, 'looking for beginning of value')
}

function readObject(reader: Reader, depth: number): Value {
  const map = newMap()
  reader.at++
  if (closes(reader, '}')) return map
  for (;;) {
    skipSpace(reader)
    need(reader, '"', 'looking for beginning of object key string')
    const key = readString(reader)
    skipSpace(reader)
    need(reader, ':', 'after object key')
    reader.at++
    setEntry(map, key, readValue(reader, depth + 1))
    if (closes(reader, '}')) return map
    need(reader, ',', 'after object key:value pair')
    reader.at++
  }
}

function readArray(reader: Reader, depth: number): Value {
  const items: Value[] = []
  reader.at++
  if (closes(reader, ']')) return items
  for (;;) {
    items.push(readValue(reader, depth + 1))
    if (closes(reader, ']')) return items
    need(reader, ',', 'after array element')
    reader.at++
  }
}

function closes(reader: Reader, bracket: string): boolean {
  skipSpace(reader)
  if (reader.text.charAt(reader.at) !== bracket) return false
  reader.at++
  return true
}

function readLiteral(reader: Reader, literal: string, value: Value): Value {
  for (const expected of literal) {
    if (reader.text.charAt(reader.at) !== expected) {
      throw unexpectedOrSpace(reader, `in literal ${literal} (expecting '${expected}')`)
    }
    reader.at++
  }
  return value
}

function readNumber(reader: Reader): Value {
  const start = reader.at
  if (reader.text.charAt(reader.at) === '-') reader.at++
  // A leading zero stands alone; a digit after it is then what "follows the value".
  if (reader.text.charAt(reader.at) === '0') reader.at++
  else needDigits(reader, 'in numeric literal')
  if (reader.text.charAt(reader.at) === '.') {
    reader.at++
    needDigits(reader, 'after decimal point in numeric literal')
  }
  if (/[eE]/.test(reader.text.charAt(reader.at))) {
    reader.at++
    if (/[+-]/.test(reader.text.charAt(reader.at))) reader.at++
    needDigits(reader, 'in exponent of numeric literal')
  }
  const digits = reader.text.slice(start, reader.at)
  const value = Number(digits)
  if (Number.isFinite(value)) return value
  reader.rangeError ??= new Error(`json: cannot unmarshal number ${digits} into Go value of type float64`)
  return null
}

function needDigits(reader: Reader, context: string): void {
  if (!isDigit(reader.text.charAt(reader.at))) throw unexpectedOrSpace(reader, context)
  while (isDigit(reader.text.charAt(reader.at))) reader.at++
}

const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

function readString(reader: Reader): string {
  const { text } = reader
  const parts: string[] = []
  reader.at++
  let start = reader.at
  for (;;) {
    const next = text.charAt(reader.at)
    if (next === '') throw endOfInput()
    if (next < ' ') throw unexpected(reader, 'in string literal')
    if (next !== '"' && next !== '\\') {
      reader.at++
      continue
    }
    parts.push(text.slice(start, reader.at))
    reader.at++
    if (next === '"') return wellFormed(parts.join(''))
    parts.push(readEscape(reader))
    start = reader.at
  }
}

function readEscape(reader: Reader): string {
  const letter = reader.text.charAt(reader.at)
  if (letter === 'u') {
    reader.at++
    return readHex(reader)
  }
  const plain = Object.hasOwn(escapes, letter) ? escapes[letter] : undefined
  if (plain === undefined) throw unexpectedOrSpace(reader, 'in string escape code')
  reader.at++
  return plain
}

function readHex(reader: Reader): string {
  const start = reader.at
  for (let i = 0; i < 4; i++) {
    if (!/[0-9a-fA-F]/.test(reader.text.charAt(reader.at))) {
      throw unexpectedOrSpace(reader, 'in \\u hexadecimal character escape')
    }
    reader.at++
  }
  return String.fromCharCode(Number.parseInt(reader.text.slice(start, reader.at), 16))
}

/** Half a surrogate pair is U+FFFD to Go. */
function wellFormed(text: string): string {
  return text.toWellFormed()
}

const isDigit = (character: string) => character >= '0' && character <= '9' && character.length === 1

function skipSpace(reader: Reader): void {
  while (' \t\r\n'.includes(reader.text.charAt(reader.at)) && reader.at < reader.text.length) reader.at++
}

function need(reader: Reader, character: string, context: string): void {
  if (reader.at >= reader.text.length) throw endOfInput()
  if (reader.text.charAt(reader.at) !== character) throw unexpected(reader, context)
}

/** At the end of the input Go's scanner is fed a space; where that is wrong too, it complains about the space. */
function unexpectedOrSpace(reader: Reader, context: string): Error {
  return reader.at < reader.text.length ? unexpected(reader, context) : invalidCharacter(' ', context)
}

function unexpected(reader: Reader, context: string): Error {
  const rune = String.fromCodePoint(reader.text.codePointAt(reader.at) ?? 0)
  // Go looks at one byte and shows it as the code point of that number.
  return invalidCharacter(String.fromCharCode(toBytes(joinBytes(rune))[0] ?? 0), context)
}

function invalidCharacter(character: string, context: string): Error {
  const shown = character === "'" ? "\\'" : character === '"' ? '"' : goQuote(character).slice(1, -1)
  return new Error(`invalid character '${shown}' ${context}`)
}

function endOfInput(): Error {
  return new Error('unexpected end of JSON input')
}
