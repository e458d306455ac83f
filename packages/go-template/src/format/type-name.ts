import { type GoFunction, goKind, type ParameterType, sliceTypeOf, type Value } from '../value.ts'

/** The Go spelling of a parameter's type, as error texts print it. */
export function parameterTypeName(type: ParameterType): string {
  switch (type) {
    case 'any':
      return 'interface {}'
    case 'list':
      return '[]interface {}'
    case 'map':
      return 'map[string]interface {}'
    case 'stringMap':
      return 'map[string]string'
    default:
      return type
  }
}

/** What `%T` prints: the Go type of a value; `<nil>` for nil and for no value. */
export function goTypeName(value: Value): string {
  switch (typeof value) {
    case 'string':
      return 'string'
    case 'boolean':
      return 'bool'
    case 'number':
      return 'float64'
    case 'bigint':
      return 'int'
    case 'undefined':
      return '<nil>'
  }
  if (value === null) return '<nil>'
  if (Array.isArray(value)) return `[]${sliceTypeOf(value).element}`
  return hostTypeName(value)
}

function hostTypeName(value: Exclude<Value, null | undefined | string | boolean | number | bigint>): string {
  if (!(goKind in value)) return 'map[string]interface {}'
  switch (value[goKind]) {
    case 'integer':
      return value.typeName ?? value.type
    case 'struct':
      return value.pointer ? `*${value.typeName}` : value.typeName
    case 'map':
      return value.typeName
    case 'nil-pointer':
      return `*${value.typeName}`
    case 'function':
      return functionTypeName(value)
    default:
      return 'map[string]interface {}'
  }
}

/** What a function returns is not declared here, so its type prints as `interface {}`. */
function functionTypeName(fn: GoFunction): string {
  const parameters = fn.parameters.map((type) => parameterTypeName(type))
  if (fn.variadic !== undefined) parameters.push(`...${parameterTypeName(fn.variadic)}`)
  return `func(${parameters.join(', ')}) interface {}`
}
