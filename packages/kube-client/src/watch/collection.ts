import { getOwn, isObject, type JsonObject } from '@proa/kube'
import type { ObjectList, WatchEvent } from '../types.ts'
import { resourceVersionOf } from './watch.ts'

/** `undefined` for one of the two when the object was added or deleted. */
export interface Change {
  readonly now: JsonObject | undefined
  readonly before: JsonObject | undefined
}

/** Objects by name and namespace, as a list and the events after it tell them. Repeated news are no change. */
export interface Collection {
  readonly items: readonly JsonObject[]
  get(name: string, namespace?: string): JsonObject | undefined
  /** What is different from what was known: a new list says all of it at once. */
  replaceAll(list: ObjectList): readonly Change[]
  apply(event: Exclude<WatchEvent, { type: 'BOOKMARK' }>): readonly Change[]
}

export function collection(): Collection {
  let objects = new Map<string, JsonObject>()
  let items: readonly JsonObject[] | undefined
  return {
    get items() {
      items ??= [...objects.values()]
      return items
    },
    get(name, namespace = '') {
      return objects.get(`${namespace}/${name}`)
    },
    replaceAll(list) {
      const next = new Map(list.items.map((object) => [keyOf(object), object]))
      const deleted = [...objects].filter(([key]) => !next.has(key)).map(([, before]) => ({ now: undefined, before }))
      const others = [...next].flatMap(([key, now]) => changesBetween(objects.get(key), now))
      objects = next
      items = undefined
      return [...deleted, ...others]
    },
    apply({ type, object }) {
      const key = keyOf(object)
      const before = objects.get(key)
      items = undefined
      if (type !== 'DELETED') {
        objects.set(key, object)
        return changesBetween(before, object)
      }
      objects.delete(key)
      return before === undefined ? [] : [{ now: undefined, before }]
    },
  }
}

function changesBetween(before: JsonObject | undefined, now: JsonObject): readonly Change[] {
  if (before === undefined) return [{ now, before }]
  if (uidOf(before) !== uidOf(now)) {
    // Another object of the same name: the old one was deleted while nobody watched.
    return [
      { now: undefined, before },
      { now, before: undefined },
    ]
  }
  const version = resourceVersionOf(now)
  return version !== '' && version === resourceVersionOf(before) ? [] : [{ now, before }]
}

function keyOf(object: JsonObject): string {
  return `${metadataOf(object, 'namespace')}/${metadataOf(object, 'name')}`
}

function uidOf(object: JsonObject): string {
  return metadataOf(object, 'uid')
}

function metadataOf(object: JsonObject, key: string): string {
  const metadata = getOwn(object, 'metadata')
  const value = isObject(metadata) ? getOwn(metadata, key) : undefined
  return typeof value === 'string' ? value : ''
}
