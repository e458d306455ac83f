import { goSprintf } from '../format/sprintf.ts'
import { goTypeName } from '../format/type-name.ts'
import { byCodePoint, goKind, isHostObject, nilMap, sliceTypeOf, type Value } from '../value.ts'
import { integerOf } from './call.ts'

type BasicKind = 'bool' | 'int' | 'uint' | 'float' | 'string'

function basicKind(value: Value): BasicKind | undefined {
  switch (typeof value) {
    case 'boolean':
      return 'bool'
    case 'bigint':
      return 'int'
    case 'number':
      return 'float'
    case 'string':
      return 'string'
  }
  if (!isHostObject(value) || value[goKind] !== 'integer') return undefined
  return value.type.startsWith('u') ? 'uint' : 'int'
}

function incompatible(a: Value, b: Value): Error {
  return new Error(`incompatible types for comparison: ${goTypeName(a)} and ${goTypeName(b)}`)
}

/** The builtin `eq`: whether the first equals one of the others. Values of different basic kinds are an error. */
export function equalsAny(first: Value, others: readonly Value[]): boolean {
  if (others.length === 0) throw new Error('missing argument for comparison')
  for (const other of others) if (equals(first, other)) return true
  return false
}

function equals(a: Value, b: Value): boolean {
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (kindA === undefined && kindB === undefined) return equalObjects(a, b)
  if (isInteger(kindA) && isInteger(kindB)) return integerOf(a) === integerOf(b)
  if (kindA === kindB) return a === b
  // Nil equals no basic value, and is no error.
  if (a === undefined || a === null || b === undefined || b === null) return false
  throw incompatible(a, b)
}

function isInteger(kind: BasicKind | undefined): boolean {
  return kind === 'int' || kind === 'uint'
}

/** Lists, maps, structs, pointers, functions and nil. */
function equalObjects(a: Value, b: Value): boolean {
  const kindA = objectKind(a)
  const kindB = objectKind(b)
  if (kindA !== kindB && kindA !== 'nil' && kindB !== 'nil') {
    throw new Error(goSprintf('non-comparable types %s: %s, %s: %v', [a, goTypeName(a), goTypeName(b), b]))
  }
  if (isNil(a) || isNil(b)) return isNil(a) === isNil(b)
  if (kindB !== 'struct' && kindB !== 'pointer') {
    throw new Error(goSprintf('non-comparable type %s: %s', [b, goTypeName(b)]))
  }
  return a === b
}

function objectKind(value: Value): 'nil' | 'list' | 'map' | 'struct' | 'pointer' | 'function' {
  if (value === undefined || value === null) return 'nil'
  if (Array.isArray(value)) return 'list'
  if (!isHostObject(value)) return 'map'
  switch (value[goKind]) {
    case 'struct':
      return value.pointer ? 'pointer' : 'struct'
    case 'nil-pointer':
      return 'pointer'
    case 'function':
      return 'function'
    default:
      return 'map'
  }
}

function isNil(value: Value): boolean {
  if (value === undefined || value === null) return true
  if (Array.isArray(value)) return sliceTypeOf(value).isNil
  if (!isHostObject(value)) return value === nilMap
  return value[goKind] === 'nil-pointer' || (value[goKind] === 'map' && value.isNil)
}

/** The builtin `lt`: numbers of one kind and strings, which are ordered by bytes. */
export function lessThan(a: Value, b: Value): boolean {
  const kindA = basicKind(a)
  const kindB = basicKind(b)
  if (kindA === undefined || kindB === undefined) throw new Error('invalid type for comparison')
  if (isInteger(kindA) && isInteger(kindB)) return (integerOf(a) as bigint) < (integerOf(b) as bigint)
  if (kindA !== kindB) throw incompatible(a, b)
  if (kindA === 'bool') throw new Error('invalid type for comparison')
  if (kindA === 'string') return byCodePoint(a as string, b as string) < 0
  return (a as number) < (b as number)
}

/** The builtin `le`. */
export function lessOrEqual(a: Value, b: Value): boolean {
  return lessThan(a, b) || equals(a, b)
}
