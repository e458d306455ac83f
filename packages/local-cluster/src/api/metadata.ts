import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

const NONE: JsonObject = {}

export function metadataOf(object: JsonObject): JsonObject {
  const metadata = getOwn(object, 'metadata')
  return isObject(metadata) ? metadata : NONE
}

/** A text of the metadata; missing is empty. */
export function metaText(object: JsonObject, key: string): string {
  const value = getOwn(metadataOf(object), key)
  return typeof value === 'string' ? value : ''
}

export function nameOf(object: JsonObject): string {
  return metaText(object, 'name')
}

export function finalizersOf(object: JsonObject): readonly string[] {
  const list = getOwn(metadataOf(object), 'finalizers')
  return isArray(list) ? list.filter((one) => typeof one === 'string') : []
}

/** The object with other metadata; `undefined` takes a key away. */
export function withMetadata(object: JsonObject, changes: Readonly<Record<string, Json | undefined>>): JsonObject {
  return { ...object, metadata: withKeys(metadataOf(object), changes) }
}

/** The object with other keys; `undefined` takes a key away. Keys are ours, never a client's. */
export function withKeys(object: JsonObject, changes: Readonly<Record<string, Json | undefined>>): JsonObject {
  const entries = Object.entries({ ...object, ...changes })
  return Object.fromEntries(entries.filter((entry): entry is [string, Json] => entry[1] !== undefined))
}

export function part(object: JsonObject, key: string): JsonObject {
  const value = getOwn(object, key)
  return isObject(value) ? value : NONE
}
