/** Which item of a list became which: the alignment behind a transplant. */
import { deepEqual, getOwn, isObject, type Json, type JsonArray } from '../json.ts'

/**
 * For every result item the index of the base item that it comes from, or -1.
 * Items belong together when their key is equal; where several share a key
 * (a port for TCP and UDP), an equal item is preferred, then the first one left.
 */
export function alignByKey(base: JsonArray, result: JsonArray, key: string): number[] {
  const groups = new Map<Json | undefined, number[]>()
  for (const [i, item] of base.entries()) {
    const group = groups.get(itemKey(item, key))
    if (group === undefined) groups.set(itemKey(item, key), [i])
    else group.push(i)
  }
  const aligned = result.map((item) => takeEqual(groups.get(itemKey(item, key)), base, item))
  return aligned.map((index, i) => (index >= 0 ? index : (groups.get(itemKey(result[i], key))?.shift() ?? -1)))
}

/** The key of an item as the typed object has it: a key that Go leaves out is its zero, the same for all. */
export function itemKey(item: Json | undefined, key: string): Json | undefined {
  return isObject(item) ? getOwn(item, key) : undefined
}

function takeEqual(group: number[] | undefined, base: JsonArray, item: Json): number {
  if (group === undefined) return -1
  // Alone with its key, the item is the one, equal or not: no need to compare.
  const place = group.length === 1 ? 0 : group.findIndex((index) => deepEqual(base[index], item))
  return place < 0 ? -1 : (group.splice(place, 1)[0] ?? -1)
}

/**
 * The same for lists without keys: equal items at both ends stay; what is left
 * between them belongs together by position when it is equally long.
 */
export function alignByPosition(base: JsonArray, result: JsonArray): number[] {
  const shorter = Math.min(base.length, result.length)
  let start = 0
  while (start < shorter && deepEqual(base[start], result[start])) start++
  let end = 0
  while (end < shorter - start && deepEqual(base[base.length - 1 - end], result[result.length - 1 - end])) end++
  const shift = base.length - result.length
  return result.map((_, i) => {
    if (i < start || shift === 0) return i
    return i >= result.length - end ? i + shift : -1
  })
}
