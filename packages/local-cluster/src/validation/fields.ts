import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

/** Reading objects whose types have been checked already: what is missing is empty, as in Go. */

export function textAt(object: JsonObject, key: string): string {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : ''
}

export function numberAt(object: JsonObject, key: string): number | undefined {
  const value = getOwn(object, key)
  return typeof value === 'number' ? value : undefined
}

export function objectAt(object: JsonObject, key: string): JsonObject {
  return optionalAt(object, key) ?? {}
}

export function optionalAt(object: JsonObject, key: string): JsonObject | undefined {
  const value = getOwn(object, key)
  return isObject(value) ? value : undefined
}

export function listAt(object: JsonObject, key: string): readonly JsonObject[] {
  const value = getOwn(object, key)
  return isArray(value) ? value.filter(isObject) : []
}

export function textsAt(object: JsonObject, key: string): readonly string[] {
  const value = getOwn(object, key)
  return isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

/** The pairs of a map of texts, by key: the API server looks at them in no order that could be relied on. */
export function pairsAt(object: JsonObject, key: string): readonly (readonly [string, string])[] {
  return Object.entries(objectAt(object, key))
    .filter((pair): pair is [string, string] => typeof pair[1] === 'string')
    .toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
}

export function isSet(object: JsonObject, key: string): boolean {
  return (getOwn(object, key) ?? null) !== null
}

export function valueAt(object: JsonObject, key: string): Json {
  return getOwn(object, key) ?? null
}
