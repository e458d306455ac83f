import { isArray, isObject, type Json, type MutableJsonObject } from '@proa/kube'
import { type FieldDescriptor, messageDescriptor } from './descriptor.ts'
import type { Message } from './read.ts'
import { isZero } from './scalar.ts'

/**
 * `proto.Merge`: lists are appended, maps merge by key, messages merge recursively, and a zero cannot replace
 * anything – not even the zero inside a wrapper. Durations are replaced as a whole.
 */
export function deepMerge(name: string, base: Message, over: Message): Message {
  const result: MutableJsonObject = { ...base }
  const { fields } = messageDescriptor(name)
  for (const field of fields) {
    const value = Object.hasOwn(over, field.jsonName) ? over[field.jsonName] : undefined
    if (value === undefined) continue
    const before = Object.hasOwn(result, field.jsonName) ? result[field.jsonName] : undefined
    if (field.oneof !== undefined && before === undefined) {
      for (const other of fields) if (other.oneof === field.oneof) delete result[other.jsonName]
    }
    result[field.jsonName] = before === undefined ? value : mergeField(field, before, value)
  }
  return result
}

function mergeField(field: FieldDescriptor, before: Json, value: Json): Json {
  if (isArray(before) && isArray(value)) return [...before, ...value]
  const { type } = field
  if (isObject(before) && isObject(value)) {
    if (field.map) return { ...before, ...value }
    if (type.kind === 'message') return deepMerge(type.name, before, value)
  }
  if (type.kind === 'wrapper' && isZero(type.scalar, value)) return before
  return value
}
