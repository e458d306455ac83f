import { goTypeName, parameterTypeName } from './format/type-name.ts'
import { goKind, goSlice, nilMap, type ParameterType, stringMap, type Value } from './value.ts'

/** Whether a value is assignable to a typed parameter. */
export function fits(value: Value, type: ParameterType): boolean {
  switch (type) {
    case 'any':
      return true
    case 'string':
      return typeof value === 'string'
    case 'int':
      return typeof value === 'bigint'
    case 'float64':
      return typeof value === 'number'
    case 'bool':
      return typeof value === 'boolean'
    default:
      return typeof value === 'object' && value !== null && goTypeName(value) === parameterTypeName(type)
  }
}

/** The nil of a parameter's type; undefined if the type has none. */
export function nilOf(type: ParameterType): Value {
  switch (type) {
    case 'any':
      return null
    case 'list':
      return goSlice('interface {}', null)
    case 'map':
      return nilMap
    case 'stringMap':
      return stringMap(null)
    default:
      return type.startsWith('*') ? { [goKind]: 'nil-pointer', typeName: type.slice(1) } : undefined
  }
}
