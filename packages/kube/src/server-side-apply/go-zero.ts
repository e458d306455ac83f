/**
 * Objects as the API server holds them: as Go structs. A struct that is not behind a pointer is always there,
 * so nobody is seen to add it; only what is in it can be added.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '../json.ts'
import { type KindFieldType, type KindType, kindType, kindTypeByName } from '../schema/kind-schema.ts'

/** A new object of the kind, before anything was read into it. */
export function emptyObject(apiVersion: string, kind: string): JsonObject {
  const type = kindType(apiVersion, kind)
  const fields = type === undefined ? { metadata: {} } : zero(type)
  return { ...fields, apiVersion, kind }
}

function zero(type: KindType): JsonObject {
  const result: MutableJsonObject = {}
  for (const field of type.fields.values()) {
    const struct = structOf(field.type)
    if (struct !== undefined && isObject(field.standard)) setOwn(result, field.name, zero(struct))
    else if (field.standard !== undefined) setOwn(result, field.name, field.standard)
    else if (field.required) setOwn(result, field.name, null)
  }
  return result
}

function structOf(type: KindFieldType): KindType | undefined {
  const found = type.kind === 'type' ? kindTypeByName(type.name) : undefined
  return found === undefined || found.plain !== undefined ? undefined : found
}

/**
 * The object as Go writes it: with the structs that are always there, without fields that are null (but times), and without
 * empty lists and maps but where a field is always written. Custom resources stay as they are.
 */
export function asHeld(object: JsonObject, apiVersion: string, kind: string): JsonObject {
  const type = kindType(apiVersion, kind)
  return type === undefined ? object : fill(type, object)
}

function fill(type: KindType, value: JsonObject): JsonObject {
  const result: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    const field = type.fields.get(key)
    if (item === null && !isTime(field?.type)) continue
    if (field !== undefined && !field.required && isEmptyCollection(field.type, item)) continue
    setOwn(result, key, field === undefined ? item : fillField(field.type, item))
  }
  for (const field of type.fields.values()) {
    const struct = isObject(field.standard) ? structOf(field.type) : undefined
    if (struct !== undefined && !isObject(getOwn(result, field.name))) setOwn(result, field.name, fill(struct, {}))
  }
  return result
}

/** A time that was never set is written as null. */
function isTime(type: KindFieldType | undefined): boolean {
  return type?.kind === 'type' && kindTypeByName(type.name)?.plain === 'time'
}

function isEmptyCollection(type: KindFieldType, value: Json): boolean {
  if (type.kind === 'list') return isArray(value) && value.length === 0
  return type.kind === 'map' && isObject(value) && Object.keys(value).length === 0
}

function fillField(type: KindFieldType, value: Json): Json {
  if (type.kind === 'list' && isArray(value)) return value.map((item) => fillField(type.of, item))
  if (type.kind === 'map' && isObject(value)) {
    const result: MutableJsonObject = {}
    for (const [key, item] of Object.entries(value)) setOwn(result, key, fillField(type.of, item))
    return result
  }
  const struct = structOf(type)
  return struct !== undefined && isObject(value) ? fill(struct, value) : value
}
