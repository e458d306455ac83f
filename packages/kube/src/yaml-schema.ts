/**
 * Scalars as Kubernetes reads them.
 *
 * `sigs.k8s.io/yaml` sits on go-yaml v2: YAML 1.1 booleans, `strconv.ParseInt`
 * with base 0 for integers, its own float syntax, no base 60, no dates. Neither
 * YAML 1.1 nor 1.2 schemas of any library agree with that, hence these tags.
 */
import {
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  mergeTag,
  NOT_RESOLVED,
  nullYaml11Tag,
  Schema,
  seqTag,
  strTag,
} from 'js-yaml'
import { formatGoFloat } from './go-text.ts'
import { type Json, type MutableJsonObject, setOwn } from './json.ts'

const TRUE = new Set(['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'])
const FALSE = new Set(['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'])
const NOT_FINITE = /^[-+]?\.(inf|Inf|INF)$|^\.(nan|NaN|NAN)$/
const INTEGER = /^([-+]?)(0[xX][0-9a-fA-F]+|0[oO][0-7]+|0[bB][01]+|0[0-7]*|[1-9][0-9]*)$/
const FLOAT = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$/
/** What starts with a dot goes through `ParseFloat` alone, where `_` must stand between digits. */
const DOT_FLOAT = /^\.[0-9]+(_[0-9]+)*([eE][-+]?[0-9]+(_[0-9]+)*)?$/

const INT64_MIN = -(2n ** 63n)
const UINT64_MAX = 2n ** 64n - 1n

const boolTag = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true,
  implicitFirstChars: [...'yYnNtTfFoO'],
  resolve: (source) => (TRUE.has(source) ? true : FALSE.has(source) ? false : NOT_RESOLVED),
  identify: (data) => typeof data === 'boolean',
})

const intTag = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true,
  implicitFirstChars: [...'-+0123456789'],
  resolve: (source) => parseGoInt(source) ?? NOT_RESOLVED,
  identify: (data) => Number.isInteger(data) && !Object.is(data, -0),
})

const floatTag = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true,
  implicitFirstChars: [...'-+.0123456789'],
  resolve: (source) => parseGoFloat(source) ?? NOT_RESOLVED,
  identify: (data) => typeof data === 'number',
})

function parseGoInt(source: string): number | undefined {
  const plain = source.includes('_') ? source.replaceAll('_', '') : source
  const match = INTEGER.exec(plain)
  if (match === null) return undefined
  const sign = match[1] ?? ''
  const digits = match[2] ?? ''
  // Go's base 0 takes a leading zero for octal; JavaScript takes it for decimal.
  const octal = /^0[0-7]+$/.test(digits)
  if (digits.length <= 15 && !octal) {
    const value = Number(digits)
    return sign === '-' && value !== 0 ? -value : value
  }
  const magnitude = BigInt(octal ? `0o${digits.slice(1)}` : digits)
  const value = sign === '-' ? -magnitude : magnitude
  // Only an unsigned text gets the second chance as uint64.
  const max = sign === '+' ? -INT64_MIN - 1n : UINT64_MAX
  return value < INT64_MIN || value > max ? undefined : Number(value)
}

function parseGoFloat(source: string): number | undefined {
  if (NOT_FINITE.test(source)) return source.toLowerCase() === '.nan' ? Number.NaN : notFinite(source)
  if (source.startsWith('.') && !DOT_FLOAT.test(source)) return undefined
  const plain = source.includes('_') ? source.replaceAll('_', '') : source
  if (!FLOAT.test(plain)) return undefined
  const value = Number(plain)
  // ParseFloat reports a range error, and the text stays a string.
  return Number.isFinite(value) ? value : undefined
}

function notFinite(source: string): number {
  return source.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY
}

/** How a key that is not a string becomes one; `undefined` when it cannot. */
export function keyText(key: unknown): string | undefined {
  if (typeof key === 'string') return key
  if (typeof key === 'boolean') return key ? 'true' : 'false'
  if (typeof key !== 'number') return undefined
  if (Number.isInteger(key)) return String(key)
  if (Number.isNaN(key)) return '.nan'
  return Number.isFinite(key) ? formatGoFloat(key, 32) : key > 0 ? '.inf' : '-.inf'
}

/**
 * Keys that a `<<` brought into a mapping. go-yaml applies keys and merges in
 * the order of the text (a later merge wins over an earlier key), but inside
 * one merge list the first mapping wins; this is what tells the two apart.
 */
const mergedKeys = new WeakMap<MutableJsonObject, Set<unknown>>()

function addPair(carrier: MutableJsonObject, key: unknown, value: unknown): string {
  const text = keyText(key)
  if (text === undefined) {
    return key === null ? 'a mapping key must not be null' : 'a mapping key must not be a mapping or a list'
  }
  setOwn(carrier, text, value as Json)
  return ''
}

const mapOptions = {
  create: (): MutableJsonObject => ({}),
  addPair,
  // js-yaml asks this only for keys that a merge brings, because duplicates are allowed.
  has: (carrier: MutableJsonObject, key: unknown): boolean => {
    const merged = mergedKeys.get(carrier) ?? new Set()
    mergedKeys.set(carrier, merged)
    if (merged.has(key)) return true
    merged.add(key)
    return false
  },
  keys: (result: MutableJsonObject): string[] => Object.keys(result),
  get: (result: MutableJsonObject, key: unknown): unknown => result[String(key)],
}

const mapTag = defineMappingTag<MutableJsonObject>('tag:yaml.org,2002:map', {
  ...mapOptions,
  identify: (data) => typeof data === 'object' && data !== null && !Array.isArray(data),
})

// go-yaml ignores application tags such as `!Ref`: the node is read as if it had none,
// and a scalar as text.
const localScalarTag = defineScalarTag<string>('!', {
  matchByTagPrefix: true,
  resolve: (source) => source,
  identify: () => false,
})
const localMapTag = defineMappingTag<MutableJsonObject>('!', {
  ...mapOptions,
  matchByTagPrefix: true,
  identify: () => false,
})
const localSeqTag = defineSequenceTag<unknown[]>('!', {
  matchByTagPrefix: true,
  create: () => [],
  addItem: (carrier, item) => {
    carrier.push(item)
  },
  identify: () => false,
})

/** The schema of everything Kubernetes and Istio read as YAML. */
export const kubernetesSchema: Schema = new Schema([
  nullYaml11Tag,
  boolTag,
  intTag,
  floatTag,
  mergeTag,
  strTag,
  seqTag,
  mapTag,
  localScalarTag,
  localMapTag,
  localSeqTag,
])
