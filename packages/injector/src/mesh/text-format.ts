import { byCodePoint } from '@proa/go-template'
import { isArray, isObject, type Json } from '@proa/kube'
import { type FieldDescriptor, type FieldType, messageDescriptor } from './descriptor.ts'
import { durationNanoseconds, SECOND } from './duration.ts'
import type { Message } from './read.ts'
import { isZero } from './scalar.ts'
import { writeJson } from './write.ts'

/**
 * What a message's `String()` gives: protobuf's text format on one line. Go varies the number of spaces
 * between fields on purpose, so that nobody relies on this text; here it is always one.
 */
export function messageString(name: string, message: Message): string {
  const parts: string[] = []
  for (const field of messageDescriptor(name).fields) {
    const value = Object.hasOwn(message, field.jsonName) ? message[field.jsonName] : undefined
    if (value !== undefined) parts.push(...fieldTexts(field, value))
  }
  return parts.join(' ')
}

function fieldTexts(field: FieldDescriptor, value: Json): readonly string[] {
  if (field.repeated && isArray(value)) return value.map((item) => `${field.protoName}:${valueText(field.type, item)}`)
  if (!field.map || !isObject(value)) return [`${field.protoName}:${valueText(field.type, value)}`]
  const keys = Object.keys(value).sort(byCodePoint)
  return keys.map(
    (key) => `${field.protoName}:{key:${JSON.stringify(key)} value:${valueText(field.type, value[key] ?? null)}}`,
  )
}

function valueText(type: FieldType, value: Json): string {
  switch (type.kind) {
    case 'message':
      return `{${messageString(type.name, isObject(value) ? value : {})}}`
    case 'wrapper':
      return isZero(type.scalar, value) ? '{}' : `{value:${scalarText(value)}}`
    case 'duration':
      return `{${durationText(String(value))}}`
    case 'enum':
      return String(value)
    default:
      return scalarText(value)
  }
}

function scalarText(value: Json): string {
  return typeof value === 'string' ? JSON.stringify(value) : writeJson(value)
}

function durationText(canonical: string): string {
  const total = durationNanoseconds(canonical)
  const seconds = total / SECOND
  const nanos = total % SECOND
  return [seconds === 0n ? '' : `seconds:${seconds}`, nanos === 0n ? '' : `nanos:${nanos}`]
    .filter((part) => part !== '')
    .join(' ')
}
