/** Merging an applied configuration into a live object. */
import {
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type MutableJsonObject,
  setOwn,
} from '../json.ts'
import { type Atom, type ListRule, type MapRule, memberAtom, ruleOf } from './atom.ts'
import { itemElement } from './list-items.ts'
import type { PathElement } from './path-element.ts'

/**
 * The live value with everything that the applied one says. `undefined` is nothing (a missing field), `null`
 * is a value. The result is `undefined` when nothing is left to say.
 */
export function mergeValues(atom: Atom, live: Json | undefined, applied: Json | undefined): Json | undefined {
  const fit = ruleOf(atom, applied ?? live)
  if (fit.kind === 'scalar') return keepApplied(live, applied)
  if (fit.kind === 'map') {
    const [left, right] = [asObject(live), asObject(applied)]
    // Two empty ones are kept as they are: `{}`, null and nothing are different.
    if (fit.rule.relation === 'atomic' || (isEmptyMap(left) && isEmptyMap(right))) return keepApplied(live, applied)
    return mergeMaps(fit.rule, left ?? {}, right ?? {})
  }
  const [left, right] = [asArray(live), asArray(applied)]
  if (fit.rule.relation === 'atomic' || ((left?.length ?? 0) === 0 && (right?.length ?? 0) === 0)) {
    return keepApplied(live, applied)
  }
  return mergeLists(fit.rule, left ?? [], right ?? [])
}

function keepApplied(live: Json | undefined, applied: Json | undefined): Json | undefined {
  return applied === undefined ? live : applied
}

function asObject(value: Json | undefined): JsonObject | undefined {
  return isObject(value) ? value : undefined
}

function asArray(value: Json | undefined): JsonArray | undefined {
  return isArray(value) ? value : undefined
}

function isEmptyMap(value: JsonObject | undefined): boolean {
  return value === undefined || Object.keys(value).length === 0
}

function mergeMaps(rule: MapRule, live: JsonObject, applied: JsonObject): Json | undefined {
  const result: MutableJsonObject = {}
  for (const key of new Set([...Object.keys(live), ...Object.keys(applied)])) {
    const value = mergeValues(memberAtom(rule, key), getOwn(live, key), getOwn(applied, key))
    if (value !== undefined) setOwn(result, key, value)
  }
  return Object.keys(result).length === 0 ? undefined : result
}

interface Index {
  readonly elements: readonly PathElement[]
  readonly items: ReadonlyMap<PathElement, Json>
}

/** Items that occur twice cannot be merged: they count as null. */
function indexItems(rule: ListRule, list: JsonArray): Index {
  const items = new Map<PathElement, Json>()
  const elements = list.map((item) => {
    const element = itemElement(rule, item)
    items.set(element, items.has(element) ? null : item)
    return element
  })
  return { elements, items }
}

/**
 * The items of the applied list keep their order among each other; the live ones that are not applied stay
 * after the item that they followed, as far as that goes.
 */
function mergeLists(rule: ListRule, live: JsonArray, applied: JsonArray): Json | undefined {
  const left = indexItems(rule, live)
  const right = indexItems(rule, applied)
  const shared = right.elements.filter((element) => left.items.has(element))
  const merged = new Set<PathElement>()
  const result: Json[] = []
  const push = (value: Json | undefined): void => {
    if (value !== undefined) result.push(value)
  }
  const atom = rule.element()
  const takeApplied = (element: PathElement): void => {
    merged.add(element)
    push(mergeValues(atom, left.items.get(element), right.items.get(element)))
  }
  let [l, r] = [0, 0]
  while (l < left.elements.length || r < right.elements.length) {
    const ours = left.elements[l]
    const theirs = right.elements[r]
    if (ours !== undefined && theirs !== undefined) {
      if (ours === theirs) {
        takeApplied(theirs)
        l++
        r++
        shared.shift()
        continue
      }
      if (right.items.has(ours) && shared[0] !== undefined && shared[0] !== ours) {
        // It comes later, in the order of the applied list.
        l++
        continue
      }
    }
    if (ours !== undefined) {
      if (!right.items.has(ours)) {
        push(mergeValues(atom, live[l], undefined))
        l++
        continue
      }
      if (merged.has(ours)) l++
    }
    if (theirs !== undefined) {
      takeApplied(theirs)
      r++
      if (shared[0] === theirs) shared.shift()
    }
  }
  return result.length === 0 ? undefined : result
}
