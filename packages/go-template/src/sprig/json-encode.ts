/** `encoding/json`'s writing: sorted keys, its number format, its escapes. */
import { goTypeName } from '../format/type-name.ts'
import { type GoStruct, goKind, isHostObject, nilMap, sliceTypeOf, type Value } from '../value.ts'
import { joinTexts, maximumDepth, newWork, visit, type Work } from './bounds.ts'
import { isList, isNil } from './kinds.ts'
import { compareStrings } from './text-value.ts'

export interface JsonStyle {
  /** `<`, `>` and `&` as `\u003c`, `\u003e`, `\u0026`. */
  readonly escapeHtml: boolean
  /** Two spaces for each level, one element on a line. */
  readonly pretty: boolean
}

interface Run extends JsonStyle {
  readonly work: Work
}

/** Throws for NaN, infinities, functions and data that contains itself. */
export function encodeJson(value: Value, style: JsonStyle): string {
  return encode(value, { ...style, work: newWork() }, 0)
}

function encode(value: Value, run: Run, depth: number): string {
  // Go looks for cycles from this depth on; our data cannot be so deep without one.
  if (depth > maximumDepth) throw new Error(`json: unsupported value: encountered a cycle via ${goTypeName(value)}`)
  visit(run.work, depth)
  if (isNil(value)) return 'null'
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      return encodeNumber(value)
    case 'string':
      return encodeString(value, run.escapeHtml)
  }
  if (isList(value)) {
    if (sliceTypeOf(value).isNil) return 'null'
    return wrapped(
      '[]',
      value.map((item) => encode(item, run, depth + 1)),
      run,
      depth,
    )
  }
  if (isHostObject(value)) return encodeHost(value, run, depth)
  if (value === nilMap) return 'null'
  const keys = Object.keys(value).sort(compareStrings)
  return encodeEntries(keys, (key) => value[key], run, depth)
}

function encodeHost(value: Extract<Value, { readonly [goKind]: string }>, run: Run, depth: number): string {
  switch (value[goKind]) {
    case 'integer':
      return String(value.value)
    case 'nil-pointer':
      return 'null'
    case 'map':
      return value.isNil ? 'null' : encodeEntries(value.keys(), (key) => value.get(key), run, depth)
    case 'struct':
      return encodeStruct(value, run, depth)
    case 'function':
      throw new Error(`json: unsupported type: ${goTypeName(value)}`)
  }
}

function encodeStruct(value: GoStruct, run: Run, depth: number): string {
  if (value.json !== undefined) return encode(value.json(), run, depth)
  return encodeEntries(value.fieldNames(), (name) => value.field(name), run, depth)
}

function encodeEntries(keys: readonly string[], get: (key: string) => Value, run: Run, depth: number): string {
  const colon = run.pretty ? ': ' : ':'
  const members = keys.map((key) => `${encodeString(key, run.escapeHtml)}${colon}${encode(get(key), run, depth + 1)}`)
  return wrapped('{}', members, run, depth)
}

function wrapped(brackets: string, members: readonly string[], run: Run, depth: number): string {
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)]
  if (!run.pretty || members.length === 0) return `${open}${joinTexts(members, ',')}${close}`
  const margin = '  '.repeat(depth)
  return `${open}\n${margin}  ${joinTexts(members, `,\n${margin}  `)}\n${margin}${close}`
}

/** JavaScript switches to exponents at the same magnitudes as encoding/json and writes them alike, but loses `-0`. */
function encodeNumber(value: number): string {
  if (Number.isNaN(value)) throw new Error('json: unsupported value: NaN')
  if (!Number.isFinite(value)) throw new Error(`json: unsupported value: ${value > 0 ? '+Inf' : '-Inf'}`)
  return Object.is(value, -0) ? '-0' : String(value)
}

const shortEscapes: Readonly<Record<string, string>> = {
  '"': '\\"',
  '\\': '\\\\',
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
}

// U+2028 and U+2029 are escaped always: JSON was once embedded in JavaScript, where they ended a line.
// A lone surrogate is a byte that is not UTF-8 (see format/bytes.ts).
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what JSON has to escape
const escaped = /["\\\u0000-\u001f\u2028\u2029]|\p{Cs}/gu
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const escapedForHtml = /["\\\u0000-\u001f\u2028\u2029<>&]|\p{Cs}/gu

function encodeString(text: string, escapeHtml: boolean): string {
  return `"${text.replace(escapeHtml ? escapedForHtml : escaped, escapeCharacter)}"`
}

function escapeCharacter(character: string): string {
  const code = character.charCodeAt(0)
  if (code >= 0xd800 && code <= 0xdfff) return '\\ufffd'
  return shortEscapes[character] ?? `\\u${code.toString(16).padStart(4, '0')}`
}
