/** `encoding/json`'s writing: sorted keys, its number format, its escapes. */
import { goTypeName } from '../format/type-name.ts'
import { type GoStruct, goKind, isHostObject, nilMap, sliceTypeOf, type Value } from '../value.ts'
import { isList, isNil } from './kinds.ts'
import { compareStrings } from './text-value.ts'

export interface JsonStyle {
  /** `<`, `>` and `&` as `\u003c`, `\u003e`, `\u0026`. */
  readonly escapeHtml: boolean
  /** Two spaces for each level, one element on a line. */
  readonly pretty: boolean
}

/** Go follows 1000 levels before it looks for cycles; our data cannot be that deep without one. */
const maximumDepth = 1000

/** Throws for NaN, infinities, functions and data that contains itself. */
export function encodeJson(value: Value, style: JsonStyle, depth = 0): string {
  if (isNil(value)) return 'null'
  switch (typeof value) {
    case 'boolean':
    case 'bigint':
      return String(value)
    case 'number':
      return encodeNumber(value)
    case 'string':
      return encodeString(value, style.escapeHtml)
  }
  if (depth > maximumDepth) {
    throw new Error(`json: unsupported value: encountered a cycle via ${goTypeName(value)}`)
  }
  if (isList(value)) {
    if (sliceTypeOf(value).isNil) return 'null'
    return wrapped(
      '[]',
      value.map((item) => encodeJson(item, style, depth + 1)),
      style,
      depth,
    )
  }
  if (isHostObject(value)) return encodeHost(value, style, depth)
  if (value === nilMap) return 'null'
  const keys = Object.keys(value).sort(compareStrings)
  return encodeEntries(keys, (key) => value[key], style, depth)
}

function encodeHost(value: Extract<Value, { readonly [goKind]: string }>, style: JsonStyle, depth: number): string {
  switch (value[goKind]) {
    case 'integer':
      return String(value.value)
    case 'nil-pointer':
      return 'null'
    case 'map':
      return value.isNil ? 'null' : encodeEntries(value.keys(), (key) => value.get(key), style, depth)
    case 'struct':
      return encodeStruct(value, style, depth)
    case 'function':
      throw new Error(`json: unsupported type: ${goTypeName(value)}`)
  }
}

function encodeStruct(value: GoStruct, style: JsonStyle, depth: number): string {
  if (value.json !== undefined) return encodeJson(value.json(), style, depth)
  return encodeEntries(value.fieldNames(), (name) => value.field(name), style, depth)
}

function encodeEntries(keys: readonly string[], get: (key: string) => Value, style: JsonStyle, depth: number): string {
  const colon = style.pretty ? ': ' : ':'
  const members = keys.map(
    (key) => `${encodeString(key, style.escapeHtml)}${colon}${encodeJson(get(key), style, depth + 1)}`,
  )
  return wrapped('{}', members, style, depth)
}

function wrapped(brackets: string, members: readonly string[], style: JsonStyle, depth: number): string {
  const [open, close] = [brackets.charAt(0), brackets.charAt(1)]
  if (!style.pretty || members.length === 0) return `${open}${members.join(',')}${close}`
  const margin = '  '.repeat(depth)
  return `${open}\n${margin}  ${members.join(`,\n${margin}  `)}\n${margin}${close}`
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
