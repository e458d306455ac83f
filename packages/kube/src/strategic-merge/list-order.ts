/** The order of a merged list. */
import { getOwn, isObject, type Json } from '../json.ts'
import { PATCH } from './directives.ts'
import { badType, noMergeKey } from './merge-error.ts'

/** What identifies an item: its merge key, or itself in a list of scalars (merge key `''`). */
export function identity(item: Json, mergeKey: string): Json | undefined {
  return mergeKey === '' ? item : isObject(item) ? getOwn(item, mergeKey) : undefined
}

/** The identity of an item that has to have one. */
function requiredIdentity(item: Json, mergeKey: string): Json {
  if (mergeKey === '') return item
  if (!isObject(item)) throw badType({}, item)
  const key = getOwn(item, mergeKey)
  if (key === undefined) throw noMergeKey(item, mergeKey)
  return key
}

/** Identity to first index. */
export function firstIndexes(list: readonly Json[], mergeKey: string): Map<Json, number> {
  const indexes = new Map<Json, number>()
  for (const [i, item] of list.entries()) {
    const key = identity(item, mergeKey)
    if (key !== undefined && !indexes.has(key)) indexes.set(key, i)
  }
  return indexes
}

/**
 * Puts merged items into order: those of the patch as in `patchOrder`, those of
 * the original alone as in `serverOrder`. Both are walked at once; an item of
 * the original comes first only where the next patch item exists in the
 * original too, and later. So new items come before items of the original.
 */
export function orderMerged(
  merged: readonly Json[],
  patchOrder: readonly Json[],
  serverOrder: readonly Json[],
  mergeKey: string,
): Json[] {
  const patchIndexes = firstIndexes(patchOrder, mergeKey)
  const serverIndexes = firstIndexes(serverOrder, mergeKey)
  const fromPatch: Json[] = []
  const serverOnly: Json[] = []
  for (const item of merged) {
    if (patchIndexes.has(requiredIdentity(item, mergeKey))) fromPatch.push(item)
    else serverOnly.push(item)
  }
  for (const list of [patchOrder, serverOrder]) for (const item of list) requiredIdentity(item, mergeKey)
  const left = sortLike(serverOnly, serverIndexes, mergeKey)
  const right = sortLike(fromPatch, patchIndexes, mergeKey)
  return interleave(left, right, serverIndexes, mergeKey)
}

function interleave(left: Json[], right: Json[], serverIndexes: ReadonlyMap<Json, number>, mergeKey: string): Json[] {
  const indexOf = (item: Json | undefined): number | undefined =>
    item === undefined ? undefined : serverIndexes.get(identity(item, mergeKey) as Json)
  const result: Json[] = []
  let i = 0
  for (const item of right) {
    const place = indexOf(item)
    for (; i < left.length && place !== undefined; i++) {
      const other = indexOf(left[i])
      if (other === undefined || other >= place) break
      result.push(left[i] as Json)
    }
    result.push(item)
  }
  return [...result, ...left.slice(i)]
}

function sortLike(list: Json[], order: ReadonlyMap<Json, number>, mergeKey: string): Json[] {
  const deleted = list.filter((item) => isObject(item) && getOwn(item, PATCH) === 'delete')
  const rest = deleted.length === 0 ? list : list.filter((item) => !deleted.includes(item))
  const place = (item: Json): number | undefined => order.get(identity(item, mergeKey) as Json)
  const known = rest.every((item) => place(item) !== undefined)
  const sorted = known ? rest.toSorted((a, b) => (place(a) ?? 0) - (place(b) ?? 0)) : insertionSort(rest, place)
  return deleted.length === 0 ? sorted : [...sorted, ...deleted]
}

/**
 * Kubernetes compares as "less" whatever it does not find in the order, which is
 * no order at all; what comes out is what its sort does, an insertion sort for
 * lists of that size.
 */
function insertionSort(list: readonly Json[], place: (item: Json) => number | undefined): Json[] {
  const less = (a: Json, b: Json): boolean => {
    const [left, right] = [place(a), place(b)]
    return left === undefined || right === undefined || left < right
  }
  const sorted = [...list]
  for (let i = 1; i < sorted.length; i++) {
    for (let j = i; j > 0 && less(sorted[j] as Json, sorted[j - 1] as Json); j--) {
      const moved = sorted[j] as Json
      sorted[j] = sorted[j - 1] as Json
      sorted[j - 1] = moved
    }
  }
  return sorted
}
