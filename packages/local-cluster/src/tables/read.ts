/** Reading objects for tables: what is missing is empty. */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

export function at(value: Json | undefined, ...path: readonly string[]): Json | undefined {
  return path.reduce<Json | undefined>((found, key) => (isObject(found) ? getOwn(found, key) : undefined), value)
}

export function textAt(value: Json | undefined, ...path: readonly string[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

export function numberAt(value: Json | undefined, ...path: readonly string[]): number {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : 0
}

export function objectsAt(value: Json | undefined, ...path: readonly string[]): readonly JsonObject[] {
  const found = at(value, ...path)
  return isArray(found) ? found.filter(isObject) : []
}

export function textsAt(value: Json | undefined, ...path: readonly string[]): readonly string[] {
  const found = at(value, ...path)
  return isArray(found) ? found.filter((item) => typeof item === 'string') : []
}

/** How many keys a map, or items a list has. */
export function sizeAt(value: Json | undefined, ...path: readonly string[]): number {
  const found = at(value, ...path)
  if (isArray(found)) return found.length
  return isObject(found) ? Object.keys(found).length : 0
}

export function orNone(text: string): string {
  return text === '' ? '<none>' : text
}

/** The status of a condition: `True`, `False`, `Unknown`, or nothing. */
export function conditionStatus(object: JsonObject, type: string): string {
  const condition = objectsAt(object, 'status', 'conditions').find((entry) => entry.type === type)
  return textAt(condition, 'status')
}
