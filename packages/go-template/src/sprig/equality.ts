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
import { newWork, visit, type Work } from './bounds.ts'
import { isList, isNil } from './kinds.ts'

/** Several comparisons of one call share their `work`. */
export function deepEqual(a: Value, b: Value, work: Work = newWork(), depth = 0): boolean {
  visit(work, depth)
  if (isNil(a) || isNil(b)) return isNil(a) && isNil(b)
  if (typeof a !== 'object' || typeof b !== 'object') return a === b
  // As in Go the very same list or map is equal to itself, even with NaN inside.
  if (a === b) return true
  if (isList(a) || isList(b)) return isList(a) && isList(b) && equalLists(a, b, work, depth)
  if (isHostObject(a) || isHostObject(b)) return isHostObject(a) && isHostObject(b) && equalHosts(a, b, work, depth)
  return equalMaps(a, b, work, depth)
}

function equalLists(a: readonly Value[], b: readonly Value[], work: Work, depth: number): boolean {
  const x = sliceTypeOf(a)
  const y = sliceTypeOf(b)
  if (x.element !== y.element || x.isNil !== y.isNil || a.length !== b.length) return false
  return a.every((item, i) => deepEqual(item, b[i], work, depth + 1))
}

function equalMaps(a: PlainMap, b: PlainMap, work: Work, depth: number): boolean {
  if ((a === nilMap) !== (b === nilMap)) return false
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  return keys.every((key) => Object.hasOwn(b, key) && deepEqual(a[key], b[key], work, depth + 1))
}

type Host = Extract<Value, { readonly [goKind]: string }>

function equalHosts(a: Host, b: Host, work: Work, depth: number): boolean {
  if (goTypeName(a) !== goTypeName(b)) return false
  if (a[goKind] === 'integer' && b[goKind] === 'integer') return a.value === b.value
  if (a[goKind] === 'map' && b[goKind] === 'map') return equalGoMaps(a, b, work, depth)
  if (a[goKind] === 'struct' && b[goKind] === 'struct') return equalStructs(a, b, work, depth)
  // Two nil pointers of one type are equal, functions never are.
  return a[goKind] === 'nil-pointer' && b[goKind] === 'nil-pointer'
}

function equalGoMaps(a: GoMap, b: GoMap, work: Work, depth: number): boolean {
  if (a.isNil !== b.isNil || a.size !== b.size) return false
  return a.keys().every((key) => b.has(key) && deepEqual(a.get(key), b.get(key), work, depth + 1))
}

/** Structs without fields of their own (times, versions) keep their state where only their text and JSON show it. */
function equalStructs(a: GoStruct, b: GoStruct, work: Work, depth: number): boolean {
  const names = a.fieldNames()
  if (names.length === 0) return a.string?.() === b.string?.() && deepEqual(a.json?.(), b.json?.(), work, depth + 1)
  return names.every((name) => deepEqual(a.field(name), b.field(name), work, depth + 1))
}
