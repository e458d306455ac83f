import { getOwn, isArray, isObject, type Json, type JsonArray, type JsonObject } from '../json.ts'
import type { FieldType } from '../schema/schema.ts'
import { PATCH, unknownDirective } from './directives.ts'
import { firstIndexes, orderMerged } from './list-order.ts'
import { goKind, type MergeRule } from './lookup.ts'
import { goPrint, MergeError, noMergeKey } from './merge-error.ts'

/** Merges two maps of a type; lists need it for their items. */
export type MergeMaps = (original: JsonObject, patch: JsonObject, type: FieldType) => JsonObject

/** Merges a list that both sides have. */
export function mergeLists(original: JsonArray, patch: JsonArray, rule: MergeRule, mergeMaps: MergeMaps): JsonArray {
  if (!rule.merge) return patch
  if (original.length === 0 && patch.length === 0) return original
  if (itemKind([original, patch]) !== 'map') {
    const both = [...new Set([...original, ...patch])]
    return orderMerged(both, patch, original, rule.mergeKey)
  }
  if (rule.mergeKey === '') throw new MergeError(`cannot merge lists without merge key for ${goKind(rule.type)}`)
  // itemKind has seen to it that all items are maps.
  const directed = applyItemDirectives(original as readonly JsonObject[], patch as readonly JsonObject[], rule.mergeKey)
  const merged = mergeItems(directed.original, directed.patch, rule, mergeMaps)
  return orderMerged(merged, directed.patch, merged.slice(0, directed.original.length), rule.mergeKey)
}

/** `$deleteFromPrimitiveList`: the original without the listed values. */
export function deleteFromList(
  original: JsonArray,
  values: JsonArray,
  rule: MergeRule,
  mergeMaps: MergeMaps,
): JsonArray {
  if (original.length === 0 && values.length === 0) return original
  if (itemKind([original, values]) === 'map') return mergeLists(original, values, { ...rule, merge: true }, mergeMaps)
  const unwanted = new Set(values)
  return original.filter((item) => !unwanted.has(item))
}

/** The one kind of all items. Lists of lists and mixed lists have no merge. */
export function itemKind(lists: readonly JsonArray[]): string {
  let kind: string | undefined
  for (const item of lists.flat()) {
    // Kubernetes crashes on a null at the start; anywhere else it is a mixed list.
    if (item === null && kind === undefined) throw new MergeError('a list item must not be null')
    const own = isArray(item) ? 'list' : item === null ? 'null' : isObject(item) ? 'map' : typeof item
    kind ??= own
    if (kind === 'list') throw new MergeError('lists of lists are not supported')
    if (own !== kind) throw new MergeError(`list element types are not identical: ${goPrint(lists)}`)
  }
  if (kind === undefined) throw new MergeError('no elements in any of the given slices')
  return kind
}

interface ListPair {
  readonly original: readonly JsonObject[]
  readonly patch: readonly JsonObject[]
}

/** Items with `$patch` are orders, not items: `delete` takes one out, `replace` drops the original. */
function applyItemDirectives(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  mergeKey: string,
): ListPair {
  if (!patch.some((item) => Object.hasOwn(item, PATCH))) return { original, patch }
  const deleted = new Set<Json>()
  let replace = false
  for (const item of patch) {
    const directive = getOwn(item, PATCH)
    if (directive === undefined) continue
    if (directive === 'merge') throw new MergeError('merging lists cannot yet be specified in the patch')
    if (directive !== 'delete' && directive !== 'replace') throw unknownDirective(directive, item)
    if (directive === 'replace') {
      replace = true
      continue
    }
    const key = getOwn(item, mergeKey)
    if (key === undefined) throw noMergeKey(item, mergeKey)
    deleted.add(key)
  }
  const plain = patch.filter((item) => !Object.hasOwn(item, PATCH))
  if (replace) return { original: plain, patch: [] }
  const kept = original.filter((item) => {
    const key = getOwn(item, mergeKey)
    return key === undefined || !deleted.has(key)
  })
  return { original: kept, patch: plain }
}

/** The original's items, merged where the patch has the same key, then the patch's new ones as they are. */
function mergeItems(
  original: readonly JsonObject[],
  patch: readonly JsonObject[],
  { type, mergeKey }: MergeRule,
  mergeMaps: MergeMaps,
): JsonObject[] {
  const merged = [...original]
  const indexes = firstIndexes(original, mergeKey)
  for (const item of patch) {
    const key = getOwn(item, mergeKey)
    if (key === undefined) throw noMergeKey(item, mergeKey)
    const index = indexes.get(key)
    if (index === undefined) {
      indexes.set(key, merged.length)
      merged.push(item)
    } else merged[index] = mergeMaps(merged[index] as JsonObject, item, type)
  }
  return merged
}
