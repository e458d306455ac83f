/**
 * Readers compiled from the schema, one per struct and mode, made on first use.
 */
import { isArray, isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '../json.ts'
import { type FieldSchema, type FieldType, goTypeName, type StructSchema, structSchema } from '../schema/schema.ts'
import { jsonKind, Mismatch } from './mismatch.ts'
import { type Reader, scalarReader, scalarZero } from './scalars.ts'

/** What a compiled reader does; part of its identity. */
export interface ReadMode {
  /**
   * Zeros that Go prints although nobody wrote them (`resources: {}`,
   * `status: {}`, `divisor: "0"`): left out, printed as Kubernetes ≥ 0.34
   * does, or as older libraries did (`creationTimestamp: null` too).
   */
  readonly zeros: 'none' | 'go' | 'legacy'
  readonly keepUnknown: boolean
  /** Reads fields in the order of the text, to find the misfit that Go would report first. */
  readonly textOrder: boolean
}

interface FieldReader {
  readonly json: string
  readonly read: Reader
  /** What stands for a field that is missing or null; `undefined`: nothing. */
  readonly missing: Json | undefined
  /** Leaves the field out when its value is empty: '', 0, false, [] or {}. */
  readonly omitEmpty: boolean
  /** The field in Go's error path. */
  readonly goStep: string
}

const compiled = new Map<string, Reader>()

/** The reader of a struct; the value must not be null. */
export function structReader(name: string, mode: ReadMode): Reader {
  const key = `${mode.zeros} ${mode.keepUnknown} ${mode.textOrder} ${name}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  let reader: Reader | undefined
  // Structs refer to themselves (JSON schema props do), so the body is compiled at the first call.
  const lazy: Reader = (value) => {
    reader ??= compileStruct(structSchema(name), mode)
    return reader(value)
  }
  compiled.set(key, lazy)
  return lazy
}

function compileStruct(schema: StructSchema, mode: ReadMode): Reader {
  const fields = compileFields(schema, mode, '')
  const byJson = new Map(fields.map((field) => [field.json, field]))
  return (value) => {
    if (!isObject(value)) throw new Mismatch(jsonKind(value), schema.name)
    if (mode.textOrder) checkInTextOrder(value, byJson, schema.name)
    const result = readFields(value, fields, schema.name)
    if (mode.keepUnknown) copyUnknown(value, byJson, result)
    return result
  }
}

function readFields(value: JsonObject, fields: readonly FieldReader[], struct: string): MutableJsonObject {
  const result: MutableJsonObject = {}
  for (const field of fields) {
    const raw = value[field.json]
    if (raw === undefined || raw === null) {
      if (field.missing !== undefined) result[field.json] = field.missing
      continue
    }
    const read = readField(field, raw, struct)
    if (!field.omitEmpty || !isEmpty(read)) result[field.json] = read
  }
  return result
}

function readField(field: FieldReader, raw: Json, struct: string): Json {
  try {
    return field.read(raw)
  } catch (error) {
    if (error instanceof Mismatch) error.addField(struct, field.json, field.goStep)
    throw error
  }
}

function checkInTextOrder(value: JsonObject, byJson: ReadonlyMap<string, FieldReader>, struct: string): void {
  for (const key of Object.keys(value)) {
    const field = byJson.get(key)
    const raw = value[key]
    if (field !== undefined && raw !== undefined && raw !== null) readField(field, raw, struct)
  }
}

function copyUnknown(value: JsonObject, known: ReadonlyMap<string, FieldReader>, result: MutableJsonObject): void {
  for (const key of Object.keys(value)) {
    if (!known.has(key)) setOwn(result, key, value[key] as Json)
  }
}

function isEmpty(value: Json): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === false
  if (value === null) return true
  if (isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

/** Fields of embedded structs come in their place; Go's error path names the struct they come from. */
function compileFields(schema: StructSchema, mode: ReadMode, goPrefix: string): FieldReader[] {
  return schema.members.flatMap((member) => {
    if (!('embedded' in member)) return [compileField(member, mode, goPrefix)]
    const prefix = `${goPrefix}${member.embedded.replace(/^v1\./, '')}.`
    return compileFields(structSchema(member.embedded), mode, prefix)
  })
}

function compileField(field: FieldSchema, mode: ReadMode, goPrefix: string): FieldReader {
  const { type, pointer } = field
  const base = { json: field.json, goStep: `${goPrefix}${field.json}`, read: typeReader(type, mode) }
  if (pointer)
    return { ...base, missing: field.omitEmpty || mode.zeros === 'none' ? undefined : null, omitEmpty: false }
  const writesOwnJson = type.kind === 'struct' || type.kind === 'quantity' || type.kind === 'time'
  if (!writesOwnJson) {
    const always = !field.omitEmpty && (mode.zeros !== 'none' || isScalar(type))
    return { ...base, missing: always ? zero(type, mode) : undefined, omitEmpty: field.omitEmpty }
  }
  // Go's omitempty means nothing for struct types: they are always printed, unless omitzero says otherwise.
  if (mode.zeros === 'none')
    return { ...base, read: omitZeroQuantity(type, base.read), missing: undefined, omitEmpty: true }
  const omitted = field.omitZero && mode.zeros !== 'legacy'
  return { ...base, missing: omitted ? undefined : zero(type, mode), omitEmpty: false }
}

/** An explicit zero divisor is the same as none; an empty result is then left out. */
function omitZeroQuantity(type: FieldType, read: Reader): Reader {
  if (type.kind !== 'quantity') return read
  return (value) => {
    const text = read(value)
    return text === '0' ? '' : text
  }
}

function isScalar(type: FieldType): boolean {
  return type.kind !== 'list' && type.kind !== 'map' && type.kind !== 'struct'
}

/** How Go prints the zero value of a type. */
function zero(type: FieldType, mode: ReadMode): Json {
  switch (type.kind) {
    case 'list':
    case 'map':
      return null
    case 'struct':
      return structReader(type.struct, mode)({})
    default:
      return scalarZero(type.kind)
  }
}

function typeReader(type: FieldType, mode: ReadMode): Reader {
  switch (type.kind) {
    case 'struct':
      return structReader(type.struct, mode)
    case 'list':
      return listReader(type.of, goTypeName(type), mode)
    case 'map':
      return mapReader(type.of, goTypeName(type), mode)
    default:
      return scalarReader(type.kind, goTypeName(type))
  }
}

function listReader(of: FieldType, goType: string, mode: ReadMode): Reader {
  const read = typeReader(of, mode)
  return (value) => {
    if (!isArray(value)) throw new Mismatch(jsonKind(value), goType)
    let index = 0
    try {
      const result: Json[] = []
      for (; index < value.length; index++) {
        const item = value[index] as Json
        result.push(item === null ? zero(of, mode) : read(item))
      }
      return result
    } catch (error) {
      if (error instanceof Mismatch) error.addStep(index)
      throw error
    }
  }
}

function mapReader(of: FieldType, goType: string, mode: ReadMode): Reader {
  const read = typeReader(of, mode)
  return (value) => {
    if (!isObject(value)) throw new Mismatch(jsonKind(value), goType)
    let key = ''
    try {
      const result: MutableJsonObject = {}
      for (key of Object.keys(value)) {
        const item = value[key] as Json
        setOwn(result, key, item === null ? zero(of, mode) : read(item))
      }
      return result
    } catch (error) {
      if (error instanceof Mismatch) error.addStep(key)
      throw error
    }
  }
}
