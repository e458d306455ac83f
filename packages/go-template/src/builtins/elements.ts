import { byteLength, byteSlice, isAscii, toBytes } from '../format/bytes.ts'
import { goTypeName } from '../format/type-name.ts'
import {
  type GoMap,
  goInteger,
  goKind,
  goSlice,
  isHostObject,
  type PlainMap,
  sliceTypeOf,
  type Value,
} from '../value.ts'
import { integerOf, prepareArgument } from './call.ts'

/** A value that has a length or elements. */
type Container =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'list'; readonly list: readonly Value[] }
  | { readonly kind: 'map'; readonly map: PlainMap }
  | { readonly kind: 'typedMap'; readonly map: GoMap }

function asContainer(value: Value): Container | undefined {
  if (typeof value === 'string') return { kind: 'text', text: value }
  if (typeof value !== 'object' || value === null) return undefined
  if (Array.isArray(value)) return { kind: 'list', list: value }
  if (!isHostObject(value)) return { kind: 'map', map: value as PlainMap }
  return value[goKind] === 'map' ? { kind: 'typedMap', map: value } : undefined
}

function isNilPointer(value: Value): boolean {
  return value === null || (isHostObject(value) && value[goKind] === 'nil-pointer')
}

/** The builtin `len`. */
export function length(value: Value): bigint {
  // Go asks no value for its type and stumbles; the text is that of the stumble.
  if (value === undefined) throw new Error('reflect: call of reflect.Value.Type on zero Value')
  if (isNilPointer(value)) throw new Error('len of nil pointer')
  const container = asContainer(value)
  switch (container?.kind) {
    case 'text':
      return BigInt(byteLength(container.text))
    case 'list':
      return BigInt(container.list.length)
    case 'map':
      return BigInt(Object.keys(container.map).length)
    case 'typedMap':
      return BigInt(container.map.size)
    default:
      throw new Error(`len of type ${goTypeName(value).replace(/^\*/, '')}`)
  }
}

/** A slice index as a number, refused when it is none or out of range. */
function indexArgument(index: Value, capacity: number): number {
  if (index === undefined || index === null) throw new Error('cannot index slice/array with nil')
  const integer = integerOf(index)
  if (integer === undefined) throw new Error(`cannot index slice/array with type ${goTypeName(index)}`)
  const signed = BigInt.asIntN(64, integer)
  if (signed < 0n || signed > BigInt(capacity)) throw new Error(`index out of range: ${signed}`)
  return Number(signed)
}

/** The builtin `index`: `index x 1 "a"` is x[1]["a"]; a key that a map lacks gives the zero value. */
export function index(item: Value, indexes: readonly Value[]): Value {
  if (item === undefined || item === null) throw new Error('index of untyped nil')
  let value: Value = item
  for (const key of indexes) value = element(value, key)
  return value
}

function element(value: Value, key: Value): Value {
  if (isNilPointer(value)) throw new Error('index of nil pointer')
  const container = asContainer(value)
  switch (container?.kind) {
    case 'text':
      return byteAt(container.text, key)
    case 'list': {
      const at = indexArgument(key, container.list.length)
      if (at === container.list.length) throw new Error('reflect: slice index out of range')
      return container.list[at] ?? null
    }
    case 'map': {
      const name = mapKey(key)
      return Object.hasOwn(container.map, name) ? (container.map[name] ?? null) : null
    }
    case 'typedMap': {
      const name = mapKey(key)
      return container.map.has(name) ? container.map.get(name) : container.map.zero
    }
    default:
      throw new Error(`can't index item of type ${goTypeName(value).replace(/^\*/, '')}`)
  }
}

function byteAt(text: string, key: Value): Value {
  const bytes = byteLength(text)
  const at = indexArgument(key, bytes)
  if (at === bytes) throw new Error('reflect: string index out of range')
  return goInteger('uint8', isAscii(text) ? text.charCodeAt(at) : (toBytes(text)[at] ?? 0))
}

function mapKey(key: Value): string {
  const prepared = prepareArgument(key, 'string')
  if (typeof prepared === 'string') throw new Error(prepared)
  return prepared.value as string
}

/** The builtin `slice`: `slice x 1 2` is x[1:2], of a text by bytes. */
export function slice(item: Value, indexes: readonly Value[]): Value {
  if (item === undefined || item === null) throw new Error('slice of untyped nil')
  if (isNilPointer(item)) throw new Error('slice of nil pointer')
  if (indexes.length > 3) throw new Error(`too many slice indexes: ${indexes.length}`)
  const container = asContainer(item)
  if (container?.kind !== 'text' && container?.kind !== 'list') {
    throw new Error(`can't slice item of type ${goTypeName(item).replace(/^\*/, '')}`)
  }
  if (container.kind === 'text' && indexes.length === 3) throw new Error('cannot 3-index slice a string')
  const capacity = container.kind === 'text' ? byteLength(container.text) : container.list.length
  const bounds = indexes.map((value) => indexArgument(value, capacity))
  const from = bounds[0] ?? 0
  const to = bounds[1] ?? capacity
  if (from > to) throw new Error(`invalid slice index: ${from} > ${to}`)
  const max = bounds[2]
  if (max !== undefined && to > max) throw new Error(`invalid slice index: ${to} > ${max}`)
  return container.kind === 'text'
    ? byteSlice(container.text, from, to)
    : goSlice(sliceTypeOf(container.list).element, container.list.slice(from, to))
}
