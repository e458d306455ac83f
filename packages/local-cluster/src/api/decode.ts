import {
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type KindField,
  type KindFieldType,
  type KindType,
  kindTypeByName,
  type MutableJsonObject,
  setOwn,
} from '@proa/kube'
import { zeroDropped } from '../http/protobuf/wire-fields.ts'
import { shapeCustom } from '../resources/custom-schema.ts'
import type { ResourceDefinition } from '../resources/definition.ts'
import { canonical, goKind, scalarProblem } from './decode-scalars.ts'
import { badRequest } from './errors.ts'

/** What reading an object as its type found besides the object. */
export interface Decoded {
  readonly object: JsonObject
  /** Fields that the type does not have, as the API server names them: `unknown field "spec.foo"`. */
  readonly unknown: readonly string[]
}

/** What to throw of a value that does not fit its field, in Go's words. */
type Refuse = (words: string) => Error

/** @throws ApiError 400, or what `refuse` makes, when a value does not fit its field */
export function decodeAs(type: ResourceDefinition, value: JsonObject, refuse?: Refuse): Decoded {
  const known = type.struct === undefined ? undefined : kindTypeByName(type.struct)
  return known === undefined ? { object: value, unknown: [] } : decodeType(type, known, value, refuse)
}

/** The same for a type that is no resource: TokenRequest, Scale, Eviction … */
export function decodeType(
  shown: { readonly kind: string; readonly version: string },
  type: KindType,
  value: JsonObject,
  refuse: Refuse = (words) =>
    badRequest(
      `${shown.kind} in version ${JSON.stringify(shown.version)} cannot be handled as a ${shown.kind}: ${words}`,
    ),
): Decoded {
  const unknown: string[] = []
  return { object: readFields({ unknown, refuse }, type, value, '', ''), unknown }
}

interface Reading {
  readonly unknown: string[]
  readonly refuse: Refuse
}

const EMBEDDED: ReadonlySet<string> = new Set(['apiVersion', 'kind'])

function readFields(read: Reading, type: KindType, value: JsonObject, path: string, goPath: string): JsonObject {
  const result: MutableJsonObject = {}
  const dropped = zeroDropped(type.name)
  for (const [key, item] of Object.entries(value)) {
    const field = type.fields.get(key)
    const where = path === '' ? key : `${path}.${key}`
    if (field === undefined) {
      if (!(path === '' && EMBEDDED.has(key))) {
        read.unknown.push(`unknown field ${JSON.stringify(where)}`)
        continue
      }
      setOwn(result, key, item)
      continue
    }
    const place = goPath === '' ? `${goStruct(type.name)}.${key}` : `${goPath}.${key}`
    const typed = item === null ? undefined : readValue(read, field.type, item, where, place)
    if (typed !== undefined && !leftOut(field, typed, dropped)) setOwn(result, key, typed)
  }
  return result
}

/** What Go leaves out when it writes the object: zeros, empty texts, lists and maps of fields with `omitempty`. */
function leftOut(field: KindField, value: Json, dropped: ReadonlySet<string> | undefined): boolean {
  if (dropped === undefined ? field.required : !dropped.has(field.name)) return false
  if (isArray(value)) return value.length === 0
  if (isObject(value)) return field.type.kind === 'map' && Object.keys(value).length === 0
  return value === '' || value === 0 || value === false
}

/** Go's name of a struct, as its messages have it. */
function goStruct(name: string): string {
  return name.slice(name.lastIndexOf('.') + 1)
}

function readValue(read: Reading, type: KindFieldType, value: Json, path: string, goPath: string): Json {
  switch (type.kind) {
    case 'scalar': {
      const problem = scalarProblem(type.scalar, value)
      if (problem === undefined) return canonical(type.scalar, value)
      throw read.refuse(problem(goPath))
    }
    case 'list':
      if (!isArray(value))
        throw read.refuse(
          `json: cannot unmarshal ${goKind(value)} into Go struct field ${goPath} of type ${goTypeText(type)}`,
        )
      return value.map((item, index) =>
        item === null ? zeroOf(type.of) : readValue(read, type.of, item, `${path}[${index}]`, goPath),
      )
    case 'map':
      return readMap(read, type, value, path, goPath)
    case 'type':
      return readStruct(read, type.name, value, path, goPath)
  }
}

function readMap(
  read: Reading,
  type: KindFieldType & { readonly kind: 'map' },
  value: Json,
  path: string,
  goPath: string,
): JsonObject {
  if (!isObject(value))
    throw read.refuse(
      `json: cannot unmarshal ${goKind(value)} into Go struct field ${goPath} of type ${goTypeText(type)}`,
    )
  const result: MutableJsonObject = {}
  for (const [key, item] of Object.entries(value)) {
    setOwn(result, key, item === null ? zeroOf(type.of) : readValue(read, type.of, item, `${path}.${key}`, goPath))
  }
  return result
}

function readStruct(read: Reading, name: string, value: Json, path: string, goPath: string): Json {
  const type = kindTypeByName(name)
  if (type === undefined) return value
  if (type.plain !== undefined) {
    const problem = scalarProblem(type.plain, value)
    if (problem !== undefined) throw read.refuse(problem(goPath))
    return canonical(type.plain, value)
  }
  if (!isObject(value))
    throw read.refuse(
      `json: cannot unmarshal ${goKind(value)} into Go struct field ${goPath} of type v1.${goStruct(name)}`,
    )
  // Go's message names the struct that holds the field, and the whole way to it.
  const inner = `${goStruct(name)}${goPath.slice(goPath.indexOf('.'))}`
  return readFields(read, type, value, path, inner)
}

function zeroOf(type: KindFieldType): Json {
  if (type.kind === 'list') return []
  if (type.kind !== 'scalar') return {}
  return type.scalar === 'boolean' ? false : type.scalar === 'string' || type.scalar === 'bytes' ? '' : 0
}

function goTypeText(type: KindFieldType): string {
  switch (type.kind) {
    case 'list':
      return `[]${goTypeText(type.of)}`
    case 'map':
      return `map[string]${goTypeText(type.of)}`
    case 'type':
      return `v1.${goStruct(type.name)}`
    case 'scalar':
      return type.scalar === 'boolean' ? 'bool' : type.scalar
  }
}

/** An object of a custom resource: metadata as Go reads it, the rest as its schema wants it. */
export function decodeCustom(type: ResourceDefinition, value: JsonObject): Decoded {
  const shaped = shapeCustom(type.custom?.schema, value)
  const metadata = getOwn(value, 'metadata')
  const known = kindTypeByName('io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta')
  if (!isObject(metadata) || known === undefined) return shaped
  const { object, unknown } = decodeType(type, known, metadata)
  const meta = unknown.map((one) => one.replace('"', '"metadata.'))
  return { object: { ...shaped.object, metadata: object }, unknown: [...meta, ...shaped.unknown] }
}
