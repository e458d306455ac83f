import {
  type Json,
  type JsonObject,
  type KindFieldType,
  type KindScalar,
  type KindType,
  kindType,
  kindTypeByName,
  type MutableJsonObject,
  setOwn,
} from '@proa/kube'
import { badRequest } from '../../api/errors.ts'
import { wireFields } from './wire-fields.ts'
import { readMessage, WireError, wireBytes, wireDouble, wireNumber, wireText } from './wire-reader.ts'

/** `k8s` and a zero: what every protobuf body of the API begins with. */
const MAGIC = Buffer.from([0x6b, 0x38, 0x73, 0])
const DEEPEST = 200
const META = 'io.k8s.apimachinery.pkg.apis.meta.v1.'

type Wire = Uint8Array | bigint

/** Reads a body in the API's protobuf form: an envelope with apiVersion and kind around the object. */
export function decodeProtobuf(body: Buffer): JsonObject {
  try {
    return decodeEnvelope(body)
  } catch (error) {
    if (error instanceof WireError || error instanceof SyntaxError)
      throw badRequest(`error decoding protobuf: ${error.message}`)
    throw error
  }
}

function decodeEnvelope(body: Buffer): JsonObject {
  if (!body.subarray(0, MAGIC.length).equals(MAGIC))
    throw new WireError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  let head: Record<string, string> = {}
  let raw: Uint8Array = new Uint8Array()
  for (const { number, value } of readMessage(body.subarray(MAGIC.length))) {
    if (number === 1) head = typeMeta(wireBytes(value))
    if (number === 2) raw = wireBytes(value)
  }
  const { apiVersion = '', kind = '' } = head
  const type = kindType(apiVersion, kind) ?? kindTypeByName(`${META}${kind}`)
  if (type === undefined || wireFields(type.name) === undefined)
    throw badRequest(`no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)}`)
  return { apiVersion, kind, ...message(type, raw, 0) }
}

function typeMeta(bytes: Uint8Array): Record<string, string> {
  const head: Record<string, string> = {}
  for (const { number, value } of readMessage(bytes)) {
    if (number === 1) head.apiVersion = wireText(value)
    if (number === 2) head.kind = wireText(value)
  }
  return head
}

function message(type: KindType, bytes: Uint8Array, depth: number): JsonObject {
  if (depth > DEEPEST) throw new WireError('exceeded max depth')
  const result: MutableJsonObject = {}
  readInto(result, type, type.name, bytes, depth)
  return result
}

/** `layout` names the message whose numbers count: the type's own, or one that stands inline in it. */
function readInto(result: MutableJsonObject, type: KindType, layout: string, bytes: Uint8Array, depth: number): void {
  const fields = wireFields(layout) ?? []
  for (const { number, value } of readMessage(bytes)) {
    const field = fields[number - 1]
    if (field === undefined) continue
    if (field.inline !== undefined) {
      readInto(result, type, field.inline, wireBytes(value), depth + 1)
      continue
    }
    const known = type.fields.get(field.json)
    if (known === undefined) continue
    const before = Object.hasOwn(result, field.json) ? result[field.json] : undefined
    const next = fieldValue(known.type, value, before, depth)
    // Go writes every field that is no pointer, zero or not, and would not write it as JSON.
    if (field.dropsZero && (next === 0 || next === '' || next === false)) continue
    setOwn(result, field.json, next)
  }
}

function fieldValue(type: KindFieldType, value: Wire, before: Json | undefined, depth: number): Json {
  if (type.kind === 'list') return [...(Array.isArray(before) ? before : []), singleValue(type.of, value, depth)]
  if (type.kind !== 'map') return singleValue(type, value, depth)
  const map: MutableJsonObject = typeof before === 'object' && before !== null ? { ...(before as JsonObject) } : {}
  let key = ''
  let item: Wire = new Uint8Array()
  for (const entry of readMessage(wireBytes(value))) {
    if (entry.number === 1) key = wireText(entry.value)
    if (entry.number === 2) item = entry.value
  }
  setOwn(map, key, mapValue(type.of, item, depth))
  return map
}

/** A map of lists has a message around each list. */
function mapValue(type: KindFieldType, value: Wire, depth: number): Json {
  if (type.kind !== 'list') return singleValue(type, value, depth)
  return [...readMessage(wireBytes(value))].map((item) => singleValue(type.of, item.value, depth))
}

function singleValue(type: KindFieldType, value: Wire, depth: number): Json {
  if (type.kind === 'scalar') return scalar(type.scalar, value, false)
  if (type.kind !== 'type') return mapValue(type, value, depth)
  const known = kindTypeByName(type.name)
  if (known === undefined) return null
  if (known.plain !== undefined) return scalar(known.plain, value, type.name.endsWith('MicroTime'))
  return message(known, wireBytes(value), depth + 1)
}

function scalar(kind: KindScalar, value: Wire, micro: boolean): Json {
  switch (kind) {
    case 'string':
      return wireText(value)
    case 'bytes':
      return Buffer.from(wireBytes(value)).toString('base64')
    case 'boolean':
      return wireNumber(value) !== 0
    case 'int32':
    case 'int64':
      return wireNumber(value)
    case 'float64':
      return wireDouble(value)
    case 'time':
      return time(wireBytes(value), micro)
    case 'quantity':
      return textAt(wireBytes(value), 1)
    case 'intOrString':
      return intOrString(wireBytes(value))
    case 'any':
    case 'object': {
      const text = textAt(wireBytes(value), 1)
      return text === '' ? null : (JSON.parse(text) as Json)
    }
  }
}

function textAt(bytes: Uint8Array, wanted: number): string {
  for (const { number, value } of readMessage(bytes)) if (number === wanted) return wireText(value)
  return ''
}

function intOrString(bytes: Uint8Array): Json {
  let [isText, number, text] = [false, 0, '']
  for (const field of readMessage(bytes)) {
    if (field.number === 1) isText = wireNumber(field.value) === 1
    if (field.number === 2) number = wireNumber(field.value)
    if (field.number === 3) text = wireText(field.value)
  }
  return isText ? text : number
}

/** A time that was never set is null. */
function time(bytes: Uint8Array, micro: boolean): Json {
  let [seconds, nanos, given] = [0, 0, false]
  for (const { number, value } of readMessage(bytes)) {
    given = true
    if (number === 1) seconds = wireNumber(value)
    if (number === 2) nanos = wireNumber(value)
  }
  const date = new Date(seconds * 1000)
  if (!given || Number.isNaN(date.getTime())) return null
  const text = date.toISOString().slice(0, 19)
  return micro ? `${text}.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z` : `${text}Z`
}
