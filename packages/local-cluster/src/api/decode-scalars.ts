import { canonicalQuantity, type Json, type KindScalar, QuantityError, readTyped, TypedError } from '@proa/kube'
import { base64Problem } from './go-base64.ts'

/** What Go calls the kind of a JSON value. */
export function goKind(value: Json): string {
  if (Array.isArray(value)) return 'array'
  return typeof value === 'boolean' ? 'bool' : typeof value
}

const GO_TYPES: Readonly<Record<KindScalar, string>> = {
  string: 'string',
  bytes: '[]uint8',
  time: 'v1.Time',
  boolean: 'bool',
  int32: 'int32',
  int64: 'int64',
  float64: 'float64',
  quantity: 'resource.Quantity',
  intOrString: 'intstr.IntOrString',
  any: 'interface {}',
  object: 'map[string]interface {}',
}

/** Why a value cannot be what it has to be, as a text of the place; undefined when it can. */
export function scalarProblem(scalar: KindScalar, value: Json): ((goPath: string) => string) | undefined {
  if (fits(scalar, value)) return textProblem(scalar, value)
  const kind = typeof value === 'number' && isInteger(scalar) ? `number ${value}` : goKind(value)
  return (goPath) => `json: cannot unmarshal ${kind} into Go struct field ${goPath} of type ${GO_TYPES[scalar]}`
}

/** What Go's own reading of a text refuses. */
function textProblem(scalar: KindScalar, value: Json): (() => string) | undefined {
  switch (scalar) {
    case 'quantity':
      return quantityProblem(value)
    case 'time':
      return timeProblem(value)
    case 'bytes': {
      const problem = base64Problem(String(value))
      return problem === undefined ? undefined : () => problem
    }
    default:
      return undefined
  }
}

function isInteger(scalar: KindScalar): boolean {
  return scalar === 'int32' || scalar === 'int64'
}

function fits(scalar: KindScalar, value: Json): boolean {
  switch (scalar) {
    case 'string':
    case 'bytes':
    case 'time':
      return typeof value === 'string'
    case 'boolean':
      return typeof value === 'boolean'
    case 'int32':
      return typeof value === 'number' && Number.isInteger(value) && Math.abs(value) <= 2 ** 31
    case 'int64':
      return typeof value === 'number' && Number.isInteger(value)
    case 'float64':
      return typeof value === 'number'
    case 'quantity':
    case 'intOrString':
      return typeof value === 'string' || typeof value === 'number'
    case 'object':
      return typeof value === 'object' && !Array.isArray(value)
    case 'any':
      return true
  }
}

function quantityProblem(value: Json): (() => string) | undefined {
  try {
    canonicalQuantity(String(value))
    return undefined
  } catch (error) {
    if (error instanceof QuantityError) return () => error.message
    throw error
  }
}

/** The one way in which a value is written: a quantity of `1000m` is kept as `1`. The value has no problem. */
export function canonical(scalar: KindScalar, value: Json): Json {
  if (scalar === 'quantity') return canonicalQuantity(String(value))
  return scalar === 'bytes' ? String(value).replaceAll(/[\r\n]/g, '') : value
}

/** Go's own words for a time that is none. */
function timeProblem(value: Json): (() => string) | undefined {
  if (typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/.test(value))
    return undefined
  try {
    readTyped('v1.ObjectMeta', { creationTimestamp: value })
    return undefined
  } catch (error) {
    if (error instanceof TypedError) return () => error.message
    throw error
  }
}
