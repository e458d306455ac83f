import { goQuote } from '@proa/go-template'
import { isArray, isObject, type Json, type JsonPath } from '@proa/kube'
import { type EnumDescriptor, type IstioMinor, LAST_GOGO_MINOR, type Scalar } from './descriptor.ts'
import { cannotUnmarshal, type MeshConfigError, readError } from './error.ts'
import { goSyntaxError } from './syntax-error.ts'

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
export function readEnum(descriptor: EnumDescriptor, value: Json, minor: IstioMinor, path: JsonPath): Json {
  const exists = (name: string): boolean => minor >= (descriptor.since.get(name) ?? 0)
  if (typeof value === 'string') {
    if (!descriptor.numbers.has(value) || !exists(value)) {
      throw readError(unknownValue(descriptor, value, minor), path)
    }
    return value
  }
  const goType = minor <= LAST_GOGO_MINOR ? descriptor.goType : 'protoreflect.EnumNumber'
  const text = numberText(value, goType, path)
  if (!/^-?\d+$/.test(text)) throw numberError(text, goType, path)
  const number = Number(text)
  if (number !== (number | 0)) throw numberError(text, goType, path)
  const name = descriptor.names.get(number)
  return name !== undefined && exists(name) ? name : number | 0
}

function unknownValue(descriptor: EnumDescriptor, value: string, minor: IstioMinor): string {
  if (minor <= LAST_GOGO_MINOR) {
    const scope = descriptor.name.slice(0, descriptor.name.indexOf('.v') + 1)
    return `unknown value ${goQuote(value)} for enum ${scope}${descriptor.goType}`
  }
  // The newer library quotes the JSON text, quotes included, once more.
  return `unknown value ${goQuote(JSON.stringify(value))} for enum ${descriptor.name}`
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
    throw readError(goSyntaxError(text), path)
  }
  if (typeof content === 'string' || isObject(content) || isArray(content)) throw cannotUnmarshal(content, goType, path)
  return content
}
