import { type GoMap, type GoStruct, goInteger, goKind, goSlice, stringMap, type Value } from '@proa/go-template'
import {
  type FieldSchema,
  type FieldType,
  goTypeName,
  isObject,
  type Json,
  type JsonObject,
  readTyped,
  structSchema,
} from '@proa/kube'
import { intOrStringView, quantityView, timeView } from './scalar-views.ts'

/**
 * A Kubernetes object as Go templates see it: the struct with Go's field names (`.Spec.Containers`), absent fields with
 * their zero values. Nothing is converted before a template asks for it.
 *
 * @param struct Go's name of the type: `v1.PodSpec`
 */
export function objectView(struct: string, object: JsonObject, pointer = false): GoStruct {
  const schema = structSchema(struct)
  const cache = new Map<string, Value>()
  return {
    [goKind]: 'struct',
    typeName: struct,
    pointer,
    fieldNames: () => memberNames(struct),
    hasField: (name) => schema.byGo(name) !== undefined || embeddedOf(struct, name) !== undefined,
    field(name) {
      const known = cache.get(name)
      if (known !== undefined || cache.has(name)) return known
      const value = readField(struct, name, object)
      cache.set(name, value)
      return value
    },
    // Encoded by Go, a struct shows some of its zeros (`resources: {}`), in the order of its declaration.
    json: () => readTyped(struct, object, { goZeros: true }) as Value,
  }
}

function readField(struct: string, name: string, object: JsonObject): Value {
  const field = structSchema(struct).byGo(name)
  if (field !== undefined) return fieldValue(field, Object.hasOwn(object, field.json) ? object[field.json] : undefined)
  const embedded = embeddedOf(struct, name)
  return embedded === undefined ? undefined : objectView(embedded, object)
}

/** Go's declaration order, in which `%v` prints; an embedded struct goes by its type's name. */
function memberNames(struct: string): readonly string[] {
  return structSchema(struct).members.map((member) => ('embedded' in member ? shortName(member.embedded) : member.go))
}

function embeddedOf(struct: string, name: string): string | undefined {
  for (const member of structSchema(struct).members) {
    if (!('embedded' in member)) continue
    if (shortName(member.embedded) === name) return member.embedded
    const deeper = embeddedOf(member.embedded, name)
    if (deeper !== undefined) return deeper
  }
  return undefined
}

function shortName(goName: string): string {
  return goName.slice(goName.indexOf('.') + 1)
}

function fieldValue({ type, pointer }: FieldSchema, value: Json | undefined): Value {
  if (value === undefined || value === null) {
    return pointer ? { [goKind]: 'nil-pointer', typeName: goTypeName(type) } : zeroOf(type)
  }
  return goValueOf(type, value, pointer)
}

function goValueOf(type: FieldType, value: Json, pointer: boolean): Value {
  switch (type.kind) {
    case 'struct':
      return objectView(type.struct, isObject(value) ? value : {}, pointer)
    case 'list':
      return Array.isArray(value)
        ? goSlice(
            goTypeName(type.of),
            value.map((item: Json) => goValueOf(type.of, item, false)),
          )
        : zeroOf(type)
    case 'map':
      return isObject(value) ? mapView(type.of, goTypeName(type), value) : zeroOf(type)
    case 'int32':
    case 'int64':
      return typeof value === 'number' && Number.isInteger(value) ? goInteger(type.kind, value) : zeroOf(type)
    case 'quantity':
      return quantityView(String(value), pointer)
    case 'intOrString':
      return intOrStringView(typeof value === 'number' ? value : String(value), pointer)
    case 'time':
    case 'microTime':
      return timeView(String(value), pointer)
    default:
      return value as Value
  }
}

/** What Go leaves in a field that is not set. */
function zeroOf(type: FieldType): Value {
  switch (type.kind) {
    case 'struct':
      return objectView(type.struct, {})
    case 'list':
      return goSlice(goTypeName(type.of), null)
    case 'map':
      return mapView(type.of, goTypeName(type), undefined)
    case 'bool':
      return false
    case 'int32':
    case 'int64':
      return goInteger(type.kind, 0)
    case 'float64':
      return 0
    case 'quantity':
      return quantityView('0', false)
    case 'intOrString':
      return intOrStringView(0, false)
    case 'time':
    case 'microTime':
      return timeView('', false)
    case 'bytes':
      return goSlice('uint8', null)
    case 'any':
      return null
    default:
      return ''
  }
}

function mapView(of: FieldType, typeName: string, entries: JsonObject | undefined): GoMap {
  if (of.kind === 'string') return stringMap(entries as Readonly<Record<string, string>> | undefined)
  const source = entries ?? {}
  const keys = Object.keys(source).sort()
  return {
    [goKind]: 'map',
    typeName,
    zero: zeroOf(of),
    isNil: entries === undefined,
    size: keys.length,
    has: (key) => Object.hasOwn(source, key),
    get: (key) => (Object.hasOwn(source, key) ? goValueOf(of, source[key] ?? null, false) : undefined),
    keys: () => keys,
  }
}
