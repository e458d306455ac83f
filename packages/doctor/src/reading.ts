import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

/*
 * Objects of a snapshot are arbitrary JSON: a label may be a number, `containers` a text. These readers never throw; what
 * is not of the wanted shape counts as absent.
 */

/** What stands at the path; `undefined` when a step is missing or leads through something else. */
export function at(value: Json | undefined, ...path: readonly (string | number)[]): Json | undefined {
  let node = value
  for (const step of path) {
    if (typeof step === 'number') node = isArray(node) ? node[step] : undefined
    else node = isObject(node) ? getOwn(node, step) : undefined
  }
  return node
}

/** The text at the path, or "". */
export function textAt(value: Json | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The text at the path, or a number or truth value as a text, or "". */
export function wordAt(value: Json | undefined, ...path: readonly (string | number)[]): string {
  const found = at(value, ...path)
  return typeof found === 'object' || found === undefined ? '' : String(found)
}

export function numberAt(value: Json | undefined, ...path: readonly (string | number)[]): number | undefined {
  const found = at(value, ...path)
  return typeof found === 'number' ? found : undefined
}

/** True only for `true` itself. */
export function isTrueAt(value: Json | undefined, ...path: readonly (string | number)[]): boolean {
  return at(value, ...path) === true
}

/** The items of a list, or none. */
export function listAt(value: Json | undefined, ...path: readonly (string | number)[]): readonly Json[] {
  const found = at(value, ...path)
  return isArray(found) ? found : []
}

/** The objects among the items of a list. Their indexes are those among the objects. */
export function objectsAt(value: Json | undefined, ...path: readonly (string | number)[]): readonly JsonObject[] {
  return listAt(value, ...path).filter(isObject)
}

export function objectAt(value: Json | undefined, ...path: readonly (string | number)[]): JsonObject {
  const found = at(value, ...path)
  return isObject(found) ? found : {}
}

/** The texts among the values of a map: labels, annotations, data. */
export function textsAt(
  value: Json | undefined,
  ...path: readonly (string | number)[]
): Readonly<Record<string, string>> {
  const entries = Object.entries(objectAt(value, ...path))
  return Object.fromEntries(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
}

/** A time of Kubernetes (RFC 3339) in milliseconds, or undefined. */
export function timeAt(value: Json | undefined, ...path: readonly (string | number)[]): number | undefined {
  const time = Date.parse(textAt(value, ...path))
  return Number.isNaN(time) ? undefined : time
}

/** RFC 3339 as Kubernetes writes it: without milliseconds where there are none. A number that is no time stays one. */
export function timeText(milliseconds: number): string {
  const date = new Date(milliseconds)
  return Number.isNaN(date.getTime()) ? String(milliseconds) : date.toISOString().replace('.000Z', 'Z')
}

export const nameOf = (object: JsonObject): string => textAt(object, 'metadata', 'name')
export const namespaceOf = (object: JsonObject): string => textAt(object, 'metadata', 'namespace')

/** A label of the object, `undefined` when it has none of that key. An empty value is a value. */
export function labelOf(object: Json | undefined, key: string): string | undefined {
  const value = at(object, 'metadata', 'labels', key)
  return typeof value === 'string' ? value : undefined
}

export function annotationOf(object: Json | undefined, key: string): string | undefined {
  const value = at(object, 'metadata', 'annotations', key)
  return typeof value === 'string' ? value : undefined
}
