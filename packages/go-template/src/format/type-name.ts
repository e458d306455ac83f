import { type GoFunction, goKind, type ParameterType, type Value } from '../value.ts'

/** The Go spelling of a parameter's type, as error texts print it. */
export const parameterTypeName: Readonly<Record<ParameterType, string>> = {
  any: 'interface {}',
  string: 'string',
  int: 'int',
  int64: 'int64',
  float64: 'float64',
  bool: 'bool',
  list: '[]interface {}',
  map: 'map[string]interface {}',
  stringMap: 'map[string]string',
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
  if (Array.isArray(value)) return '[]interface {}'
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
  const parameters = fn.parameters.map((type) => parameterTypeName[type])
  if (fn.variadic !== undefined) parameters.push(`...${parameterTypeName[fn.variadic]}`)
  return `func(${parameters.join(', ')}) interface {}`
}
