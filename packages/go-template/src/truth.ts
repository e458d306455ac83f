import { goKind, type Value } from './value.ts'

/**
 * `template.IsTrue`: false are nil, no value, `false`, 0, "", empty lists and maps, nil pointers. Structs are always true.
 * This is what `if`, `with`, `and`, `or` and `not` ask.
 */
export function isTruthy(value: Value): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value !== ''
    case 'number':
      // NaN is not zero, so Go takes it for true.
      return value !== 0
    case 'bigint':
      return value !== 0n
    case 'undefined':
      return false
  }
  if (value === null) return false
  if (Array.isArray(value)) return value.length > 0
  return isTruthyObject(value)
}

function isTruthyObject(value: Exclude<Value, null | undefined | string | boolean | number | bigint>): boolean {
  if (goKind in value) {
    switch (value[goKind]) {
      case 'integer':
        return value.value !== 0n
      case 'map':
        return value.size > 0
      case 'nil-pointer':
        return false
      case 'struct':
      case 'function':
        return true
    }
  }
  for (const key in value) if (Object.hasOwn(value, key)) return true
  return false
}
