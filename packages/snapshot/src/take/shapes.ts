import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

/** A part of an object, or an empty one: a server may leave it out. */
export function part(object: Json | undefined, key: string): JsonObject {
  const value = isObject(object) ? getOwn(object, key) : undefined
  return isObject(value) ? value : {}
}

/** The objects of a list. */
export function objects(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter(isObject) : []
}

export function text(object: Json | undefined, key: string): string {
  const value = isObject(object) ? getOwn(object, key) : undefined
  return typeof value === 'string' ? value : ''
}

export const nameOf = (object: JsonObject): string => text(part(object, 'metadata'), 'name')
export const namespaceOf = (object: JsonObject): string => text(part(object, 'metadata'), 'namespace')

export function labelOf(object: JsonObject, key: string): string {
  return text(part(part(object, 'metadata'), 'labels'), key)
}
