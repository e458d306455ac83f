import type { JsonObject } from '@proa/kube'

/** Objects in the order of their names, as etcd orders its keys. */
export interface SortedObjects {
  readonly size: number
  get(name: string): JsonObject | undefined
  set(name: string, object: JsonObject): void
  delete(name: string): void
  /** A copy: later writes do not change it. */
  all(): readonly JsonObject[]
}

/** Reading all of them costs no sorting: lists are read far more often than names come and go. */
export function sortedObjects(): SortedObjects {
  const byName = new Map<string, JsonObject>()
  const names: string[] = []
  return {
    get size() {
      return names.length
    },
    get: (name) => byName.get(name),
    set(name, object) {
      if (!byName.has(name)) names.splice(placeOf(names, name), 0, name)
      byName.set(name, object)
    },
    delete(name) {
      if (byName.delete(name)) names.splice(placeOf(names, name), 1)
    },
    all: () => names.map((name) => byName.get(name)).filter((object) => object !== undefined),
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
