import { getOwn, isArray, isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '@proa/kube'

/** What a structural schema says of an object of a custom resource. */
export interface Shaped {
  readonly object: JsonObject
  /** Paths of fields that were dropped. */
  readonly unknown: readonly string[]
}

/** Drops what the schema does not know and fills in its defaults. The head of the object is not the schema's. */
export function shapeCustom(schema: JsonObject | undefined, object: JsonObject): Shaped {
  if (schema === undefined) return { object, unknown: [] }
  const { apiVersion, kind, metadata, ...rest } = object
  const unknown: string[] = []
  const shaped = shape(schema, rest, '', unknown)
  const head: MutableJsonObject = {}
  for (const [key, value] of Object.entries({ apiVersion, kind, metadata })) if (value !== undefined) head[key] = value
  return { object: { ...head, ...(isObject(shaped) ? shaped : rest) }, unknown: unknown.sort() }
}

function shape(schema: JsonObject, value: Json, path: string, unknown: string[]): Json {
  if (isArray(value)) {
    const items = getOwn(schema, 'items')
    return isObject(items) ? value.map((item, index) => shape(items, item, `${path}[${index}]`, unknown)) : value
  }
  if (!isObject(value)) return value
  const properties = part(schema, 'properties')
  const others = getOwn(schema, 'additionalProperties')
  const keep = schema['x-kubernetes-preserve-unknown-fields'] === true || others === true
  const result: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    const known = getOwn(properties, key)
    const where = path === '' ? key : `${path}.${key}`
    if (isObject(known)) {
      // A null that the schema does not allow is a field that is not there.
      if (item === null && known.nullable !== true) continue
      setOwn(result, key, shape(known, item, where, unknown))
    } else if (isObject(others)) setOwn(result, key, shape(others, item, where, unknown))
    else if (keep || (schema['x-kubernetes-embedded-resource'] === true && HEAD.has(key))) setOwn(result, key, item)
    else unknown.push(`unknown field ${JSON.stringify(where)}`)
  }
  for (const [key, known] of Object.entries(properties)) {
    if (!isObject(known) || Object.hasOwn(result, key)) continue
    const standard = getOwn(known, 'default')
    if (standard !== undefined) setOwn(result, key, shape(known, standard, key, []))
  }
  return result
}

const HEAD: ReadonlySet<string> = new Set(['apiVersion', 'kind', 'metadata'])

function part(object: JsonObject, key: string): JsonObject {
  const value = getOwn(object, key)
  return isObject(value) ? value : {}
}
