import { isArray, isObject, type Json, type JsonPath } from '@proa/kube'
import type { EnumDescriptor, Scalar } from './descriptor.ts'
import { cannotUnmarshal, type MeshConfigError, readError } from './error.ts'

/** Reading of scalar fields as jsonpb does it: `encoding/json`, but numbers may stand in quotes. */

const GO_TYPES: Readonly<Record<Scalar, string>> = {
  string: 'string',
  bool: 'bool',
  int32: 'int32',
  int64: 'int64',
  uint32: 'uint32',
  uint64: 'uint64',
  double: 'float64',
}
const NON_FINITE = new Set(['NaN', 'Infinity', '-Infinity'])

/** The canonical value: boolean, string, number, or text for 64-bit integers and non-finite doubles. */
export function readScalar(scalar: Scalar, value: Json, path: JsonPath): Json {
  switch (scalar) {
    case 'string':
      if (value === null) return ''
      if (typeof value !== 'string') throw cannotUnmarshal(value, 'string', path)
      return value
    case 'bool':
      if (value === null) return false
      if (typeof value !== 'boolean') throw cannotUnmarshal(value, 'bool', path)
      return value
    case 'double':
      if (typeof value === 'string' && NON_FINITE.has(value)) return value
      return readDouble(value, path)
    default:
      return readInteger(scalar, value, path)
  }
}

/** The canonical zero of a scalar kind. */
export function zeroOf(scalar: Scalar): Json {
  if (scalar === 'string') return ''
  if (scalar === 'bool') return false
  return scalar === 'int64' || scalar === 'uint64' ? '0' : 0
}

export function isZero(scalar: Scalar, value: Json): boolean {
  return value === zeroOf(scalar) && !Object.is(value, -0)
}

function readDouble(value: Json, path: JsonPath): number {
  const text = numberText(value, 'float64', path)
  const number = Number(text)
  if (!Number.isFinite(number)) throw numberError(text, 'float64', path)
  return number
}

const RANGES: Readonly<Record<'int32' | 'int64' | 'uint32' | 'uint64', readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
}

function readInteger(kind: 'int32' | 'int64' | 'uint32' | 'uint64', value: Json, path: JsonPath): Json {
  const text = numberText(value, GO_TYPES[kind], path)
  // ParseUint knows no sign, not even "-0".
  if (!(kind.startsWith('u') ? /^\d+$/ : /^-?\d+$/).test(text)) throw numberError(text, GO_TYPES[kind], path)
  const number = BigInt(text)
  const [low, high] = RANGES[kind]
  if (number < low || number > high) throw numberError(text, GO_TYPES[kind], path)
  return kind.endsWith('64') ? String(number) : Number(number)
}

/** An enum's name, or the number when it has none. */
export function readEnum(descriptor: EnumDescriptor, value: Json, path: JsonPath): Json {
  if (typeof value === 'string') {
    if (!descriptor.numbers.has(value)) {
      throw readError(`unknown value ${JSON.stringify(value)} for enum ${descriptor.name}`, path)
    }
    return value
  }
  const text = numberText(value, 'protoreflect.EnumNumber', path)
  if (!/^-?\d+$/.test(text)) throw numberError(text, 'protoreflect.EnumNumber', path)
  const number = Number(text)
  if (number !== (number | 0)) throw numberError(text, 'protoreflect.EnumNumber', path)
  return descriptor.names.get(number) ?? number | 0
}

function numberError(text: string, goType: string, path: JsonPath): MeshConfigError {
  return readError(`json: cannot unmarshal number ${text} into Go value of type ${goType}`, path)
}

/** The decimal text of a number, given as such or in quotes; null is zero. */
function numberText(value: Json, goType: string, path: JsonPath): string {
  if (value === null) return '0'
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (typeof value !== 'string') throw cannotUnmarshal(value, goType, path)
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(value)) return value
  return numberText(contentOf(value, goType, path), goType, path)
}

/**
 * jsonpb strips the quotes of a number and parses what is left as JSON, whatever it is: `"null"` is zero,
 * `"true"` is a boolean, everything else is a syntax error.
 */
function contentOf(text: string, goType: string, path: JsonPath): Exclude<Json, string> {
  let content: Json
  try {
    content = JSON.parse(text) as Json
  } catch {
    throw readError(syntaxError(text), path)
  }
  if (typeof content === 'string' || isObject(content) || isArray(content)) throw cannotUnmarshal(content, goType, path)
  return content
}

/** The text of `encoding/json` for the common mistakes; it is about the first character that cannot be. */
function syntaxError(text: string): string {
  const trimmed = text.trimStart()
  if (trimmed === '') return 'unexpected end of JSON input'
  const number = /^-?(?:0|[1-9]\d*)/.exec(trimmed)?.[0]
  if (number !== undefined) {
    const next = trimmed.charAt(number.length)
    const place = next === '.' || /[eE]/.test(next) ? 'in numeric literal' : 'after top-level value'
    return `invalid character ${quoteCharacter(next)} ${place}`
  }
  if (/^(?:t|f|n|-|"|\[|\{)/.test(trimmed)) return `invalid character ${quoteCharacter(trimmed.charAt(1))} in literal`
  return `invalid character ${quoteCharacter(trimmed.charAt(0))} looking for beginning of value`
}

function quoteCharacter(character: string): string {
  if (character === "'") return `'\\''`
  if (character === '"') return `'"'`
  return `'${character}'`
}
