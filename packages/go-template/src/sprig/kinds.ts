/** What Go's reflection says of a value: sprig's type-inspecting functions and its error texts use it. */
import { type GoStruct, goKind, isHostObject, type Value } from '../value.ts'
import { nilDereference } from './panic.ts'

/** `reflect.Kind` as text; nil and no value are `invalid`. */
export function kindOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int'
  }
  if (isNil(value)) return 'invalid'
  if (isList(value)) return 'slice'
  if (!isHostObject(value)) return 'map'
  switch (value[goKind]) {
    case 'integer':
      return value.type
    case 'struct':
      return value.pointer ? 'ptr' : 'struct'
    case 'map':
      return 'map'
    case 'nil-pointer':
      return 'ptr'
    case 'function':
      return 'func'
  }
}

/** Go's `v == nil` for an interface: a nil pointer with a type is not nil. */
export function isNil(value: Value): value is null | undefined {
  return value === null || value === undefined
}

export function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value)
}

export function isStruct(value: Value): value is GoStruct {
  return isHostObject(value) && value[goKind] === 'struct'
}

/**
 * The list a list function works on. `complaint` is the start of the function's own error, to which the kind is added:
 * `Cannot find first on type`.
 */
export function needList(value: Value, complaint: string): readonly Value[] {
  if (isList(value)) return value
  if (isNil(value)) throw nilDereference()
  throw new Error(`${complaint} ${kindOf(value)}`)
}
