import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import type { Cause } from '../api/errors.ts'

/** What a structural schema refuses of an object, in the API server's words. */
export function validateCustom(schema: JsonObject | undefined, object: JsonObject): readonly Cause[] {
  if (schema === undefined) return []
  const { apiVersion: _version, kind: _kind, metadata: _metadata, ...rest } = object
  return check(schema, rest, '')
}

function check(schema: JsonObject, value: Json, path: string): readonly Cause[] {
  if (value === null) return schema.nullable === true ? [] : [typeMismatch(schema, value, path)]
  const wrong = wrongType(schema, value)
  if (wrong) return [typeMismatch(schema, value, path)]
  const own = [...valueProblems(schema, value, path)]
  if (isArray(value)) return [...own, ...listProblems(schema, value, path)]
  return isObject(value) ? [...own, ...objectProblems(schema, value, path)] : own
}

function objectProblems(schema: JsonObject, value: JsonObject, path: string): readonly Cause[] {
  const properties = getOwn(schema, 'properties')
  const others = getOwn(schema, 'additionalProperties')
  const required = getOwn(schema, 'required')
  const missing = (isArray(required) ? required : []).filter((key) => !Object.hasOwn(value, String(key)))
  const inner = Object.entries(value).flatMap(([key, item]) => {
    const known = isObject(properties) ? getOwn(properties, key) : undefined
    const next = isObject(known) ? known : isObject(others) ? others : undefined
    return next === undefined ? [] : check(next, item, join(path, key))
  })
  return [
    ...missing.map(
      (key): Cause => ({ field: join(path, String(key)), reason: 'FieldValueRequired', message: 'Required value' }),
    ),
    ...inner,
  ]
}

function listProblems(schema: JsonObject, value: readonly Json[], path: string): readonly Cause[] {
  const items = getOwn(schema, 'items')
  return isObject(items) ? value.flatMap((item, index) => check(items, item, `${path}[${index}]`)) : []
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`
}

function wrongType(schema: JsonObject, value: Json): boolean {
  if (schema['x-kubernetes-int-or-string'] === true) return typeof value !== 'string' && !Number.isInteger(value)
  switch (schema.type) {
    case 'object':
      return !isObject(value)
    case 'array':
      return !isArray(value)
    case 'string':
      return typeof value !== 'string'
    case 'boolean':
      return typeof value !== 'boolean'
    case 'integer':
      return !Number.isInteger(value)
    case 'number':
      return typeof value !== 'number'
    default:
      return false
  }
}

function typeMismatch(schema: JsonObject, value: Json, path: string): Cause {
  const kind = value === null ? 'null' : isArray(value) ? 'array' : Number.isInteger(value) ? 'integer' : typeof value
  const wanted = schema['x-kubernetes-int-or-string'] === true ? 'integer,string' : String(schema.type)
  const quoted = JSON.stringify(kind)
  const message = `Invalid value: ${quoted}: ${path} in body must be of type ${wanted}: ${quoted}`
  return { field: path, reason: 'FieldValueTypeInvalid', message }
}

function* valueProblems(schema: JsonObject, value: Json, path: string): Generator<Cause> {
  const invalid = (message: string): Cause => ({
    field: path,
    reason: 'FieldValueInvalid',
    message: `Invalid value: ${JSON.stringify(value)}: ${path} in body ${message}`,
  })
  const { enum: allowed, pattern, minimum, maximum, minLength, maxLength, minItems, maxItems } = schema
  if (isArray(allowed) && !allowed.includes(value)) {
    const values = allowed.map((one) => JSON.stringify(one)).join(', ')
    yield {
      field: path,
      reason: 'FieldValueNotSupported',
      message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${values}`,
    }
  }
  if (typeof value === 'string') {
    if (typeof pattern === 'string' && !matches(pattern, value)) yield invalid(`should match '${pattern}'`)
    if (typeof minLength === 'number' && value.length < minLength)
      yield invalid(`should be at least ${minLength} chars long`)
    if (typeof maxLength === 'number' && value.length > maxLength)
      yield { field: path, reason: 'FieldValueTooLong', message: `Too long: may not be more than ${maxLength} bytes` }
  }
  if (typeof value === 'number') {
    if (typeof minimum === 'number' && value < minimum) yield invalid(`should be greater than or equal to ${minimum}`)
    if (typeof maximum === 'number' && value > maximum) yield invalid(`should be less than or equal to ${maximum}`)
  }
  if (isArray(value)) {
    if (typeof minItems === 'number' && value.length < minItems) yield invalid(`should have at least ${minItems} items`)
    if (typeof maxItems === 'number' && value.length > maxItems)
      yield {
        field: path,
        reason: 'FieldValueTooMany',
        message: `Too many: ${value.length}: must have at most ${maxItems} items`,
      }
  }
}

/** A pattern that this engine does not know refuses nothing. */
function matches(pattern: string, value: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(value)
  } catch {
    return true
  }
}
