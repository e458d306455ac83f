import { formatGoFloat } from './go-text.ts'
import {
  isArray,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type MutableJsonObject,
  setOwn,
} from './json.ts'
import { type FieldType, structSchema } from './schema/schema.ts'

/**
 * Turns numbers and booleans into text wherever a struct has strings, as `sigs.k8s.io/yaml` does when it reads YAML
 * into Go types: `name: 8080` and an annotation `true` are texts there, whereas the API server refuses them in JSON.
 * Everything else stays as it is; what does not fit the struct is left for the typed reading to refuse.
 *
 * @param struct Go's name of the type: `v1.Container`
 * @returns the value itself when there is nothing to change
 */
export function coerceScalars(struct: string, value: Json): Json {
  return isObject(value) ? coerceEntries(value, targets(struct)) : value
}

type Targets = (key: string) => FieldType | undefined

const known = new Map<string, Targets>()

/**
 * What the library takes for the type of a field. For a field of an embedded struct that is, oddly, the embedded struct
 * itself, so that scalars below `configMap` of a volume or `httpGet` of a probe stay what they are.
 */
function targets(struct: string): Targets {
  const made = known.get(struct)
  if (made !== undefined) return made
  const types = new Map<string, FieldType>()
  for (const member of structSchema(struct).members) {
    if (!('embedded' in member)) types.set(member.json, member.type)
    else {
      const embedded: FieldType = { kind: 'struct', struct: member.embedded }
      for (const field of structSchema(member.embedded).fields) types.set(field.json, embedded)
    }
  }
  const look: Targets = (key) => types.get(key)
  known.set(struct, look)
  return look
}

function coerce(type: FieldType, value: Json): Json {
  switch (type.kind) {
    case 'string':
      return scalarText(value) ?? value
    case 'struct':
      return coerceScalars(type.struct, value)
    case 'list':
      return isArray(value) ? coerceItems(value, type.of) : value
    case 'map':
      return isObject(value) ? coerceEntries(value, () => type.of) : value
    default:
      // Quantities, ports and times have readers of their own, which take numbers where Go's do.
      return value
  }
}

function coerceItems(list: JsonArray, type: FieldType): JsonArray {
  const coerced = list.map((item) => coerce(type, item))
  return coerced.every((item, index) => item === list[index]) ? list : coerced
}

function coerceEntries(object: JsonObject, typeOf: Targets): JsonObject {
  let changed: MutableJsonObject | undefined
  for (const [key, item] of Object.entries(object)) {
    const type = typeOf(key)
    const coerced = type === undefined ? item : coerce(type, item)
    if (coerced === item) continue
    changed ??= { ...object }
    setOwn(changed, key, coerced)
  }
  return changed ?? object
}

/** The text that Go makes of a YAML number or boolean where a string is wanted. */
function scalarText(value: Json): string | undefined {
  if (typeof value === 'boolean') return String(value)
  if (typeof value !== 'number') return undefined
  return Number.isInteger(value) ? String(value) : formatGoFloat(value, 32)
}
