import type { JsonObject } from '@proa/kube'

/** Objects in the order of their names, as etcd orders its keys. */
export interface SortedObjects {
  readonly size: number
  get(name: string): JsonObject | undefined
  set(name: string, object: JsonObject): void
  delete(name: string): void
  /** Later writes do not change what was handed out. */
  all(): readonly JsonObject[]
}

/** Reading all of them costs no sorting: lists are read far more often than names come and go. */
export function sortedObjects(): SortedObjects {
  const byName = new Map<string, JsonObject>()
  const names: string[] = []
  const objects: JsonObject[] = []
  /** What was handed out last, while it is still true. */
  let snapshot: readonly JsonObject[] | undefined
  return {
    get size() {
      return names.length
    },
    get: (name) => byName.get(name),
    set(name, object) {
      const place = placeOf(names, name)
      if (byName.has(name)) objects[place] = object
      else {
        names.splice(place, 0, name)
        objects.splice(place, 0, object)
      }
      byName.set(name, object)
      snapshot = undefined
    },
    delete(name) {
      if (!byName.delete(name)) return
      const place = placeOf(names, name)
      names.splice(place, 1)
      objects.splice(place, 1)
      snapshot = undefined
    },
    all() {
      snapshot ??= objects.slice()
      return snapshot
    },
  }
}

/** Index of the first name that is not before the given one. */
function placeOf(names: readonly string[], name: string): number {
  let [low, high] = [0, names.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if (byText(names[middle] ?? '', name) < 0) low = middle + 1
    else high = middle
  }
  return low
}

export function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}
