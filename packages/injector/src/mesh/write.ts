import { byCodePoint } from '@proa/go-template'
import { getOwn, isArray, isObject, type Json } from '@proa/kube'
import { goJson } from '../go-json.ts'
import { type FieldDescriptor, type FieldType, messageDescriptor } from './descriptor.ts'
import type { Message } from './read.ts'

/**
 * The jsonpb text of a message in canonical form: fields in declaration order, map keys sorted, no spaces,
 * `<`, `>` and `&` escaped. Reading it back gives the same message.
 */
export function writeMessage(name: string, message: Message): string {
  const parts: string[] = []
  for (const field of messageDescriptor(name).fields) {
    const value = getOwn(message, field.jsonName)
    if (value !== undefined) parts.push(`"${field.jsonName}":${writeField(field, value)}`)
  }
  return `{${parts.join(',')}}`
}

function writeField(field: FieldDescriptor, value: Json): string {
  if (field.repeated && isArray(value)) return `[${value.map((item) => writeValue(field.type, item)).join(',')}]`
  if (field.map && isObject(value)) {
    const entries = Object.keys(value).sort(byCodePoint)
    return `{${entries.map((key) => `${goJson(key.toWellFormed())}:${writeValue(field.type, value[key] ?? null)}`).join(',')}}`
  }
  return writeValue(field.type, value)
}

function writeValue(type: FieldType, value: Json): string {
  if (type.kind === 'message') return writeMessage(type.name, isObject(value) ? value : {})
  return writeJson(value)
}

/** Compact JSON with sorted keys. */
export function writeJson(value: Json): string {
  if (typeof value === 'string') return goJson(value.toWellFormed())
  if (typeof value === 'number') return Object.is(value, -0) ? '-0' : String(value)
  if (isArray(value)) return `[${value.map(writeJson).join(',')}]`
  if (!isObject(value)) return String(value)
  const keys = Object.keys(value).sort(byCodePoint)
  return `{${keys.map((key) => `${goJson(key.toWellFormed())}:${writeJson(value[key] ?? null)}`).join(',')}}`
}
