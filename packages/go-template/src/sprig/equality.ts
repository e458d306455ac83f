/** `reflect.DeepEqual`: values of different Go types are never equal, so `1` (int) is not `1` (float64). */
import { goTypeName } from '../format/type-name.ts'
import {
  type GoMap,
  type GoStruct,
  goKind,
  isHostObject,
  nilMap,
  type PlainMap,
  sliceTypeOf,
  type Value,
} from '../value.ts'
import { isList, isNil } from './kinds.ts'

// Cyclic data is only reachable through `set`; Go remembers visited pairs, we stop where no honest data is this deep.
const maximumDepth = 1000

export function deepEqual(a: Value, b: Value, depth = 0): boolean {
  if (depth > maximumDepth) throw new Error(`data is nested deeper than ${maximumDepth} levels; it may contain itself`)
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b)
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  if (isList(a) || isList(b)) return isList(a) && isList(b) && equalLists(a, b, depth)
  if (isHostObject(a) || isHostObject(b)) return isHostObject(a) && isHostObject(b) && equalHosts(a, b, depth)
  return equalMaps(a, b, depth)
}

function equalLists(a: readonly Value[], b: readonly Value[], depth: number): boolean {
  const x = sliceTypeOf(a)
  const y = sliceTypeOf(b)
  if (x.element !== y.element || x.isNil !== y.isNil || a.length !== b.length) return false
  return a.every((item, i) => deepEqual(item, b[i], depth + 1))
}

function equalMaps(a: PlainMap, b: PlainMap, depth: number): boolean {
  if ((a === nilMap) !== (b === nilMap)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key], depth + 1))
}

type Host = Extract<Value, { readonly [goKind]: string }>

function equalHosts(a: Host, b: Host, depth: number): boolean {
  if (goTypeName(a) !== goTypeName(b)) return false
  if (a[goKind] === 'integer' && b[goKind] === 'integer') return a.value === b.value
  if (a[goKind] === 'map' && b[goKind] === 'map') return equalGoMaps(a, b, depth)
  if (a[goKind] === 'struct' && b[goKind] === 'struct') return a === b || equalStructs(a, b, depth)
  // Two nil pointers of one type are equal, functions never are.
  return a[goKind] === 'nil-pointer' && b[goKind] === 'nil-pointer'
}

function equalGoMaps(a: GoMap, b: GoMap, depth: number): boolean {
  if (a.isNil !== b.isNil || a.size !== b.size) return false
  return a.keys().every((key) => b.has(key) && deepEqual(a.get(key), b.get(key), depth + 1))
}

/** Structs without fields of their own (times, versions) keep their state where only their text and JSON show it. */
function equalStructs(a: GoStruct, b: GoStruct, depth: number): boolean {
  const names = a.fieldNames()
  if (names.length === 0) return a.string?.() === b.string?.() && deepEqual(a.json?.(), b.json?.(), depth + 1)
  return names.every((name) => deepEqual(a.field(name), b.field(name), depth + 1))
}
