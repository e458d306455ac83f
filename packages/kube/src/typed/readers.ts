/**
 * Readers compiled from the schema, one per struct and mode, made on first use.
 */
import {
  isArray,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type MutableJsonObject,
  setOwn,
} from '../json.ts'
import { type FieldSchema, type FieldType, goTypeName, type StructSchema, structSchema } from '../schema/schema.ts'
import { jsonKind, Mismatch } from './mismatch.ts'
import { type Reader, scalarReader, scalarZero } from './scalars.ts'

/** What a compiled reader does; part of its identity. */
export interface ReadMode {
  /**
   * Zeros that Go prints although nobody wrote them (`resources: {}`,
   * `status: {}`, `divisor: "0"`): left out, or printed as Kubernetes ≥ 0.34
   * does.
   */
  readonly zeros: 'none' | 'go'
  readonly keepUnknown: boolean
}

interface FieldReader {
  /** Position in Go's order. */
  readonly index: number
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

/** The reader of a struct; the value must not be null. Readers share with their input what they do not change. */
export function structReader(name: string, mode: ReadMode): Reader {
  const key = `${mode.zeros} ${mode.keepUnknown} ${name}`
  const known = compiled.get(key)
  if (known !== undefined) return known
  let reader: Reader | undefined
  // Compiled at the first call, so that a struct may refer to itself.
  const lazy: Reader = (value) => {
    reader ??= compileStruct(structSchema(name), mode)
    return reader(value)
  }
  compiled.set(key, lazy)
  return lazy
}

interface StructReader {
  readonly struct: string
  readonly fields: readonly FieldReader[]
  readonly byJson: ReadonlyMap<string, FieldReader>
  /** How many fields are there although they are missing. */
  readonly alwaysThere: number
  readonly keepUnknown: boolean
}

function compileStruct(schema: StructSchema, mode: ReadMode): Reader {
  const fields = compileFields(schema, mode, '').map((field, index) => ({ ...field, index }))
  const reader: StructReader = {
    struct: schema.name,
    fields,
    byJson: new Map(fields.map((field) => [field.json, field])),
    alwaysThere: fields.filter((field) => field.missing !== undefined).length,
    keepUnknown: mode.keepUnknown,
  }
  return (value) => {
    if (!isObject(value)) throw new Mismatch(jsonKind(value), schema.name)
    return readFields(value, reader)
  }
}

/**
 * Reads in the order of the text, because Go reports the first misfit of the
 * text, and puts the fields into Go's order afterwards.
 */
function readFields(value: JsonObject, reader: StructReader): JsonObject {
  const slots: (Json | undefined)[] = new Array(reader.fields.length)
  const unknown: string[] = []
  let field: FieldReader | undefined
  let last = -1
  let unchanged = true
  let missing = reader.alwaysThere
  try {
    for (const key of Object.keys(value)) {
      field = reader.byJson.get(key)
      const raw = value[key] as Json
      if (field === undefined) {
        unknown.push(key)
        continue
      }
      const read = raw === null ? undefined : field.read(raw)
      if (read === undefined || (field.omitEmpty && isEmpty(read))) {
        unchanged = false
        continue
      }
      slots[field.index] = read
      if (field.missing !== undefined) missing--
      if (read !== raw || field.index < last) unchanged = false
      last = field.index
    }
  } catch (error) {
    if (error instanceof Mismatch && field !== undefined) error.addField(reader.struct, field.json, field.goStep)
    throw error
  }
  if (unchanged && missing === 0 && unknown.length === 0) return value
  const result = inGoOrder(slots, reader.fields)
  if (reader.keepUnknown) for (const key of unknown) setOwn(result, key, value[key] as Json)
  return result
}

function inGoOrder(slots: readonly (Json | undefined)[], fields: readonly FieldReader[]): MutableJsonObject {
  const result: MutableJsonObject = {}
  for (let i = 0; i < fields.length; i++) {
    const field = fields[i] as FieldReader
    const value = slots[i] === undefined ? field.missing : slots[i]
    if (value !== undefined) result[field.json] = value
  }
  return result
}

function isEmpty(value: Json): boolean {
  if (typeof value !== 'object') return value === '' || value === 0 || value === false
  if (value === null) return true
  if (isArray(value)) return value.length === 0
  for (const _ in value) return false
  return true
}

/** Fields of embedded structs come in their place; Go's error path names the struct they come from. */
function compileFields(schema: StructSchema, mode: ReadMode, goPrefix: string): Omit<FieldReader, 'index'>[] {
  return schema.members.flatMap((member) => {
    if (!('embedded' in member)) return [compileField(member, mode, goPrefix)]
    const prefix = `${goPrefix}${member.embedded.replace(/^v1\./, '')}.`
    return compileFields(structSchema(member.embedded), mode, prefix)
  })
}

function compileField(field: FieldSchema, mode: ReadMode, goPrefix: string): Omit<FieldReader, 'index'> {
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
  return { ...base, missing: field.omitZero ? undefined : zero(type, mode), omitEmpty: false }
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

/**
 * Lists that came out of a reader of that type, and are therefore what reading them again would give. A Pod is read after
 * every merge, and most of its lists have not changed by then. Values are never mutated, so this stays true.
 */
const readBefore = new WeakMap<JsonArray, string>()

function listReader(of: FieldType, goType: string, mode: ReadMode): Reader {
  const read = typeReader(of, mode)
  const form = `${mode.zeros} ${mode.keepUnknown} ${goType}`
  return (value) => {
    if (!isArray(value)) throw new Mismatch(jsonKind(value), goType)
    if (readBefore.get(value) === form) return value
    let index = 0
    try {
      let result: Json[] | undefined
      for (; index < value.length; index++) {
        const item = value[index] as Json
        const typed = item === null ? zero(of, mode) : read(item)
        if (typed !== item) result ??= value.slice(0, index)
        result?.push(typed)
      }
      return result ?? value
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
      let result: MutableJsonObject | undefined
      for (key of Object.keys(value)) {
        const item = value[key] as Json
        const typed = item === null ? zero(of, mode) : read(item)
        if (typed === item) continue
        result ??= { ...value }
        setOwn(result, key, typed)
      }
      return mode.zeros === 'none' ? (result ?? value) : sortedByKey(result ?? value)
    } catch (error) {
      if (error instanceof Mismatch) error.addStep(key)
      throw error
    }
  }
}

/** The order in which Go prints a map. */
function sortedByKey(map: JsonObject): JsonObject {
  const keys = Object.keys(map)
  const sorted = keys.toSorted()
  if (sorted.every((key, index) => key === keys[index])) return map
  return Object.fromEntries(sorted.map((key) => [key, map[key] ?? null]))
}
