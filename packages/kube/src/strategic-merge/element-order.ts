import { getOwn, isArray, isObject, type Json, type JsonArray, type JsonObject } from '../json.ts'
import type { FieldType } from '../schema/schema.ts'
import { directiveTarget, PATCH, SET_ELEMENT_ORDER, withoutDirectives } from './directives.ts'
import { identity, orderMerged } from './list-order.ts'
import { listRule, type MergeRule } from './lookup.ts'
import { badType, goPrint, MergeError, noMergeKey } from './merge-error.ts'
import { itemKind, type MergeMaps, mergeLists } from './merge-list.ts'

/** A list that a `$setElementOrder` directive has merged and ordered. */
export interface OrderedList {
  readonly key: string
  /** `undefined`: neither side has the list. */
  readonly value: JsonArray | undefined
}

/** Carries out one `$setElementOrder/<list>` together with the list of the same name. */
export function applyElementOrder(
  directive: string,
  original: JsonObject,
  patch: JsonObject,
  type: FieldType,
  mergeMaps: MergeMaps,
): OrderedList {
  const order = asList(getOwn(patch, directive))
  const key = directiveTarget(directive, SET_ELEMENT_ORDER)
  const originalList = getOwn(original, key)
  const patchList = getOwn(patch, key)
  const before = originalList === undefined ? [] : asList(originalList)
  const changes = patchList === undefined ? [] : asList(patchList)
  const rule = listRule(type, key)
  checkOrder(changes, order, rule.mergeKey)
  if (originalList === undefined && patchList === undefined) return { key, value: undefined }
  const merged = mergeBoth(before, changes, {
    rule,
    mergeMaps,
    inBoth: originalList !== undefined && patchList !== undefined,
  })
  itemKind([before, changes])
  return { key, value: orderMerged(merged, order, before, rule.mergeKey) }
}

function mergeBoth(
  before: JsonArray,
  changes: JsonArray,
  how: { readonly rule: MergeRule; readonly mergeMaps: MergeMaps; readonly inBoth: boolean },
): JsonArray {
  if (how.inBoth) return mergeLists(before, changes, how.rule, how.mergeMaps)
  // One of the two is the empty stand-in of a list that is missing.
  if (changes.length === 0) return before
  return asList(withoutDirectives(changes))
}

function asList(value: Json | undefined): JsonArray {
  if (isArray(value)) return value
  throw badType([], value ?? null)
}

/** The patch's items have to come in the wanted order, as part of it. */
function checkOrder(patch: JsonArray, order: JsonArray, mergeKey: string): void {
  if (patch.length === 0 || order.length === 0) return
  const items = mergeKey === '' ? patch : patch.filter((item) => !isDeletion(item))
  let next = 0
  for (const wanted of order) {
    while (next < items.length && isObject(items[next]) && Object.hasOwn(items[next] as JsonObject, PATCH)) next++
    const item = items[next]
    if (item === undefined) return
    if (sameIdentity(item, wanted, mergeKey)) next++
  }
  if (next < items.length) {
    throw new MergeError(
      `The order in patch list:\n${goPrint(patch)}\n doesn't match ${SET_ELEMENT_ORDER} list:\n${goPrint(order)}\n`,
    )
  }
}

function isDeletion(item: Json): boolean {
  if (!isObject(item)) throw badType({}, item)
  return getOwn(item, PATCH) === 'delete'
}

function sameIdentity(left: Json, right: Json, mergeKey: string): boolean {
  if (mergeKey === '') return left === right
  for (const item of [left, right]) {
    if (!isObject(item)) throw badType({}, item)
    if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey)
  }
  return identity(left, mergeKey) === identity(right, mergeKey)
}
