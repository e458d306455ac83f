import { goQuote } from '@proa/go-template'
import {
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type JsonPath,
  type MutableJsonObject,
  setOwn,
} from '@proa/kube'
import { CURRENT_MINOR } from '../release.ts'
import {
  type FieldDescriptor,
  type FieldType,
  fieldsOf,
  type IstioMinor,
  LAST_GOGO_MINOR,
  messageDescriptor,
} from './descriptor.ts'
import { canonicalDuration, parseGoDuration } from './duration.ts'
import { cannotUnmarshal, readError } from './error.ts'
import { isZero, readEnum, readScalar } from './scalar.ts'

/**
 * A protobuf message in canonical form: own keys are json names, and a key is there exactly when the Go
 * message has the field. So scalars equal to their zero value are absent (unless they are the chosen member of a
 * oneof), and so are empty lists and maps (but not up to 1.13, which told them from unset ones); wrappers are the bare scalar, zero included; a present empty message
 * is `{}`; durations are canonical text (`0.500s`), 64-bit integers decimal text, enums names (numbers without
 * a name stay numbers).
 */
export type Message = JsonObject

export interface ReadOptions {
  /** Fields the release lacks count as unknown. Default: the newest release. */
  readonly minor?: IstioMinor
  /** Skip unknown fields, as Istio does for configuration, instead of failing. Default: true. */
  readonly allowUnknown?: boolean
  /** Where in its document the value stands, for errors. */
  readonly path?: JsonPath
}

interface Context {
  readonly minor: IstioMinor
  readonly allowUnknown: boolean
}

/**
 * Reads a message by the rules of Go's jsonpb, which Istio uses: both json and proto names, null means "not
 * mentioned", numbers may be strings, durations are Go durations.
 *
 * @throws MeshConfigError with jsonpb's text
 */
export function readMessage(name: string, json: Json, options: ReadOptions = {}): Message {
  return applyToMessage(name, {}, json, options)
}

/**
 * Reads a message over an existing one: each top-level field that the document mentions replaces the
 * field as a whole, and a zero value (`interceptionMode: REDIRECT`) clears it.
 *
 * @throws MeshConfigError with jsonpb's text
 */
export function applyToMessage(name: string, base: Message, json: Json, options: ReadOptions = {}): Message {
  const context = { minor: options.minor ?? CURRENT_MINOR, allowUnknown: options.allowUnknown ?? true }
  return applyFields(context, name, base, json, options.path ?? [])
}

function applyFields(context: Context, name: string, base: Message, json: Json, path: JsonPath): Message {
  if (json === null) return base
  if (!isObject(json)) throw cannotUnmarshal(json, 'map[string]json.RawMessage', path)
  const result: MutableJsonObject = { ...base }
  const fields = fieldsOf(name, context.minor)
  for (const field of fields) {
    const key = Object.hasOwn(json, field.jsonName) ? field.jsonName : field.protoName
    const value = getOwn(json, key)
    // Null means "not mentioned", except where any JSON is welcome.
    if (value === undefined || (value === null && !takesNull(field))) continue
    const read = readField(context, field, value, [...path, key])
    if (field.oneof !== undefined) clearOneof(result, fields, field.oneof)
    if (isPresent(context, field, read)) result[field.jsonName] = read
    else delete result[field.jsonName]
  }
  if (!context.allowUnknown) rejectUnknown(context, name, json, path)
  return result
}

function takesNull(field: FieldDescriptor): boolean {
  return field.type.kind === 'value' && !field.repeated && !field.map
}

function clearOneof(message: MutableJsonObject, fields: readonly FieldDescriptor[], oneof: string): void {
  for (const field of fields) if (field.oneof === oneof) delete message[field.jsonName]
}

function rejectUnknown(context: Context, name: string, json: JsonObject, path: JsonPath): void {
  const known = new Set(fieldsOf(name, context.minor).flatMap((field) => [field.jsonName, field.protoName]))
  const unknown = Object.keys(json).find((key) => !known.has(key))
  if (unknown === undefined) return
  const type = context.minor <= LAST_GOGO_MINOR ? messageDescriptor(name).goType : name
  throw readError(`unknown field ${goQuote(unknown)} in ${type}`, [...path, unknown])
}

function isPresent(context: Context, field: FieldDescriptor, value: Json): boolean {
  if (takesNull(field)) return true
  // gogo told an empty list or map from none and printed it.
  const keepsEmpty = context.minor <= LAST_GOGO_MINOR
  if (isArray(value)) return keepsEmpty || value.length > 0
  if (field.map) return keepsEmpty || (isObject(value) && Object.keys(value).length > 0)
  if (field.oneof !== undefined) return true
  const { type } = field
  if (type.kind === 'enum') return value !== (type.enum.names.get(0) ?? 0)
  return type.kind !== 'scalar' || !isZero(type.scalar, value)
}

function readField(context: Context, field: FieldDescriptor, value: Json, path: JsonPath): Json {
  if (field.repeated) {
    if (!isArray(value)) throw cannotUnmarshal(value, '[]json.RawMessage', path)
    return value.map((item, index) => readValue(context, field.type, item, [...path, index]))
  }
  if (!field.map) return readValue(context, field.type, value, path)
  if (!isObject(value)) throw cannotUnmarshal(value, 'map[string]json.RawMessage', path)
  const result: MutableJsonObject = {}
  for (const key of Object.keys(value)) {
    setOwn(result, key, readValue(context, field.type, getOwn(value, key) ?? null, [...path, key]))
  }
  return result
}

/** Null only gets here as an element of a list or map, where it means the zero value. */
function readValue(context: Context, type: FieldType, value: Json, path: JsonPath): Json {
  switch (type.kind) {
    case 'scalar':
    case 'wrapper':
      return readScalar(type.scalar, value, path)
    case 'enum':
      return readEnum(type.enum, value, context.minor, path)
    case 'duration':
      if (value === null) return '0s'
      if (typeof value !== 'string') throw cannotUnmarshal(value, 'string', path)
      return canonicalDuration(parseGoDuration(value, path, 'bad Duration: '))
    case 'struct':
      if (value === null) return {}
      if (!isObject(value)) {
        const { message } = cannotUnmarshal(value, 'map[string]json.RawMessage', path)
        throw readError(`bad StructValue: ${message}`, path)
      }
      return value
    case 'value':
      return value
    case 'message':
      return applyFields(context, type.name, {}, value, path)
  }
}
