import { isObject, type Json, type JsonObject } from '@proa/kube'

/** Reading single fields of an object that may have any shape: absent and of another type are the same. */

export function textOf(object: Json | undefined, key: string): string {
  const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined
  return typeof value === 'string' ? value : ''
}

export function objectOf(object: Json | undefined, key: string): JsonObject | undefined {
  const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined
  return isObject(value) ? value : undefined
}

export function listOf(object: Json | undefined, key: string): readonly Json[] {
  const value = isObject(object) && Object.hasOwn(object, key) ? object[key] : undefined
  return Array.isArray(value) ? value : []
}

export function annotationOf(metadata: Json | undefined, key: string): string | undefined {
  return entryOf(objectOf(metadata, 'annotations'), key)
}

export function labelOf(metadata: Json | undefined, key: string): string | undefined {
  return entryOf(objectOf(metadata, 'labels'), key)
}

function entryOf(map: JsonObject | undefined, key: string): string | undefined {
  if (map === undefined || !Object.hasOwn(map, key)) return undefined
  const value = map[key]
  return typeof value === 'string' ? value : undefined
}

/** The containers of a Pod under `containers` or `initContainers` that are objects. */
export function containersOf(pod: JsonObject, list: 'containers' | 'initContainers'): JsonObject[] {
  return listOf(objectOf(pod, 'spec'), list).filter(isObject)
}
