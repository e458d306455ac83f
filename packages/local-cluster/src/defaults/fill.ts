import { getOwn, isArray, isObject, type Json, type MutableJsonObject, setOwn } from '@proa/kube'

/** Objects under construction: nobody else has seen them yet. */
export type Draft = MutableJsonObject

/** Sets the field when it is missing or null. */
export function fill(object: Draft, key: string, value: Json): void {
  if ((getOwn(object, key) ?? null) === null) setOwn(object, key, value)
}

/** The object in a field, to be changed; undefined when there is none. */
export function part(object: Draft | undefined, key: string): Draft | undefined {
  const value = object === undefined ? undefined : getOwn(object, key)
  return isObject(value) ? (value as Draft) : undefined
}

/** The object in a field; an empty one is put there when it is missing. */
export function partOrEmpty(object: Draft, key: string): Draft {
  fill(object, key, {})
  return part(object, key) ?? {}
}

/** The objects of a list, to be changed. */
export function parts(object: Draft | undefined, key: string): readonly Draft[] {
  const value = object === undefined ? undefined : getOwn(object, key)
  return isArray(value) ? value.filter(isObject).map((item) => item as Draft) : []
}

export function textIn(object: Draft | undefined, key: string): string {
  const value = object === undefined ? undefined : getOwn(object, key)
  return typeof value === 'string' ? value : ''
}
