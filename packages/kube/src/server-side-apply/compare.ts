/** Which fields differ between two objects. */
import { deepEqual, getOwn, isArray, isObject, type Json, type JsonArray, type JsonObject } from '../json.ts'
import { type Atom, type ListRule, type MapRule, memberAtom, type Rule, ruleOf } from './atom.ts'
import { type FieldPath, type FieldSet, setBuilder } from './field-set.ts'
import { itemElement } from './list-items.ts'
import { fieldElement, type PathElement } from './path-element.ts'

export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

type Builders = { readonly [Name in keyof Comparison]: ReturnType<typeof setBuilder> }

export function compareObjects(atom: Atom, before: Json, after: Json): Comparison {
  const found: Builders = { added: setBuilder(), modified: setBuilder(), removed: setBuilder() }
  compareValues(atom, before, after, [], found)
  return { added: found.added.set, modified: found.modified.set, removed: found.removed.set }
}

function compareValues(
  atom: Atom,
  before: Json | undefined,
  after: Json | undefined,
  path: FieldPath,
  found: Builders,
): void {
  if (before === undefined && after === undefined) return
  const next = ruleOf(atom, after ?? before)
  // A value that became something of another kind: what was below it is gone.
  if (before !== undefined && after !== undefined) {
    const last = ruleOf(atom, before)
    if (last.kind !== next.kind) compareAs(last, before, after, path, found)
  }
  const leaf = compareAs(next, before, after, path, found)
  if (leaf) return
  if (before === undefined) found.added.add(path)
  else if (after === undefined) found.removed.add(path)
}

/** Whether the value was compared as one piece. */
function compareAs(
  fit: Rule,
  before: Json | undefined,
  after: Json | undefined,
  path: FieldPath,
  found: Builders,
): boolean {
  if (fit.kind === 'map') {
    const [left, right] = [isObject(before) ? before : {}, isObject(after) ? after : {}]
    const empty = Object.keys(left).length === 0 && Object.keys(right).length === 0
    if (fit.rule.relation !== 'atomic' && !empty) {
      compareMaps(fit.rule, left, right, path, found)
      return false
    }
  }
  if (fit.kind === 'list') {
    const [left, right] = [isArray(before) ? before : [], isArray(after) ? after : []]
    if (fit.rule.relation !== 'atomic' && left.length + right.length > 0) {
      compareLists(fit.rule, left, right, path, found)
      return false
    }
  }
  if (before === undefined) found.added.add(path)
  else if (after === undefined) found.removed.add(path)
  else if (!deepEqual(before, after)) found.modified.add(path)
  return true
}

function compareMaps(rule: MapRule, before: JsonObject, after: JsonObject, path: FieldPath, found: Builders): void {
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const below = [...path, fieldElement(key)]
    compareValues(memberAtom(rule, key), getOwn(before, key), getOwn(after, key), below, found)
  }
}

function compareLists(rule: ListRule, before: JsonArray, after: JsonArray, path: FieldPath, found: Builders): void {
  const atom = rule.element()
  const left = itemsByElement(rule, before)
  const right = itemsByElement(rule, after)
  for (const element of new Set([...left.keys(), ...right.keys()])) {
    const [old = [], now = []] = [left.get(element), right.get(element)]
    const here = [...path, element]
    if (old.length <= 1 && now.length <= 1) compareValues(atom, old[0], now[0], here, found)
    else if (old.length >= 2 && now.length >= 2) {
      if (!deepEqual(old, now)) found.modified.add(here)
    } else if (old.length >= 2) {
      // Items that occur more than once are owned as one piece, without what is below them.
      compareValues(atom, undefined, now[0], here, found)
      found.removed.add(here)
    } else {
      compareValues(atom, old[0], undefined, here, found)
      found.added.add(here)
    }
  }
}

function itemsByElement(rule: ListRule, list: JsonArray): Map<PathElement, Json[]> {
  const items = new Map<PathElement, Json[]>()
  for (const item of list) {
    const element = itemElement(rule, item)
    const known = items.get(element)
    if (known === undefined) items.set(element, [item])
    else known.push(item)
  }
  return items
}
