/** Reading of objects that come from anybody: a field that is missing or of another type is as good as empty. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  let found = value
  for (const key of path) {
    if (!isObject(found)) return undefined
    found = getOwn(found, key)
  }
  return found
}

export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

export function numberAt(value: Json | undefined, fallback: number, ...path: readonly string[]): number {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : fallback
}

export function objectAt(value: Json | undefined, ...path: readonly string[]): JsonObject {
  const found = at(value, ...path)
  return isObject(found) ? found : {}
}

export function objectsAt(value: Json | undefined, ...path: readonly string[]): readonly JsonObject[] {
  const found = at(value, ...path)
  return isArray(found) ? found.filter(isObject) : []
}

export function textsAt(value: Json | undefined, ...path: readonly string[]): readonly string[] {
  const found = at(value, ...path)
  return isArray(found) ? found.filter((item) => typeof item === 'string') : []
}

export const nameOf = (object: JsonObject) => textAt(object, 'metadata', 'name')
export const namespaceOf = (object: JsonObject) => textAt(object, 'metadata', 'namespace')
export const uidOf = (object: JsonObject) => textAt(object, 'metadata', 'uid')
export const labelsOf = (object: JsonObject) => objectAt(object, 'metadata', 'labels')
export const annotationsOf = (object: JsonObject) => objectAt(object, 'metadata', 'annotations')
export const createdAt = (object: JsonObject) => textAt(object, 'metadata', 'creationTimestamp')
export const isBeingDeleted = (object: JsonObject) => textAt(object, 'metadata', 'deletionTimestamp') !== ''

/** `namespace/name`: the key of a namespaced object in a work queue. */
export const keyOf = (object: JsonObject) => `${namespaceOf(object)}/${nameOf(object)}`

export function splitKey(key: string): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

/** A copy with other metadata fields; `undefined` takes a field away. */
export function withMetadata(object: JsonObject, fields: Readonly<Record<string, Json | undefined>>): JsonObject {
  const metadata = Object.entries({ ...objectAt(object, 'metadata'), ...fields }).filter(
    (entry): entry is [string, Json] => entry[1] !== undefined,
  )
  return { ...object, metadata: Object.fromEntries(metadata) }
}

/** Whether two values say the same: the order of keys does not count, an absent field and a null one are alike. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true
  if (a === undefined || a === null || b === undefined || b === null) return (a ?? null) === (b ?? null)
  if (isArray(a) || isArray(b)) {
    return isArray(a) && isArray(b) && a.length === b.length && a.every((item, index) => sameJson(item, b[index]))
  }
  if (!isObject(a) || !isObject(b)) return false
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => sameJson(getOwn(a, key), getOwn(b, key)))
}
