import { goKind, isHostObject, type Value } from '../value.ts'
import { isList, isNil } from './kinds.ts'

/**
 * sprig's `empty`, which `default`, `coalesce`, `all`, `any` and `compact` ask. It differs from the truth of
 * text/template in nothing the value model can express, except that functions are not empty and structs never are.
 */
export function isEmpty(value: Value): boolean {
  if (isNil(value)) return true
  switch (typeof value) {
    case 'boolean':
      return !value
    case 'string':
      return value === ''
    case 'number':
      return value === 0
    case 'bigint':
      return value === 0n
  }
  if (isList(value)) return value.length === 0
  if (!isHostObject(value)) return Object.keys(value).length === 0
  switch (value[goKind]) {
    case 'integer':
      return value.value === 0n
    case 'map':
      return value.size === 0
    case 'nil-pointer':
      return true
    case 'struct':
    case 'function':
      return false
  }
}
