import { deepEqual, getOwn, isArray, isObject, type Json, type JsonArray, type JsonObject } from '@proa/kube'
import { type EditTree, kept, type ListTree, type MapTree, open, treeValue } from './edit-tree.ts'

/**
 * The tree for a new value in the place of an old one that keeps as much of the old text as possible: a patch that
 * replaces a whole list or object mostly repeats what was there.
 */
export function reconcile(old: EditTree, value: Json): EditTree {
  if (old.kind === 'kept' && deepEqual(old.value, value)) return old
  const opened = open(old)
  if (opened.kind === 'map' && isObject(value)) return reconcileMap(opened, value)
  if (opened.kind === 'list' && isArray(value)) return reconcileList(opened, value)
  return kept(value)
}

function reconcileMap(old: MapTree, value: JsonObject): MapTree {
  const entries = new Map<string, EditTree>()
  for (const [key, entry] of old.entries) {
    const next = getOwn(value, key)
    if (next !== undefined) entries.set(key, reconcile(entry, next))
  }
  for (const key of Object.keys(value)) {
    if (!entries.has(key)) entries.set(key, kept(getOwn(value, key) ?? null))
  }
  return { kind: 'map', entries, node: old.node }
}

function reconcileList(old: ListTree, value: JsonArray): ListTree {
  const before = old.items.map(treeValue)
  const pairs = align(before, value)
  const items = value.map((item, index) => {
    const partner = pairs.get(index)
    const tree = partner === undefined ? undefined : old.items[partner]
    return tree === undefined ? kept(item) : reconcile(tree, item)
  })
  return { kind: 'list', items, node: old.node }
}

/** For indexes of the new list, the index of the old item that it continues: by name where items have one. */
function align(before: JsonArray, after: JsonArray): Map<number, number> {
  const pairs = new Map<number, number>()
  let head = 0
  while (head < before.length && head < after.length && deepEqual(before[head], after[head])) {
    pairs.set(head, head)
    head += 1
  }
  let tail = 0
  const limit = Math.min(before.length, after.length) - head
  while (tail < limit && deepEqual(before[before.length - 1 - tail], after[after.length - 1 - tail])) {
    pairs.set(after.length - 1 - tail, before.length - 1 - tail)
    tail += 1
  }
  alignMiddle(before, after, head, tail, pairs)
  return pairs
}

function alignMiddle(before: JsonArray, after: JsonArray, head: number, tail: number, pairs: Map<number, number>) {
  const byIdentity = new Map<string, number>()
  for (let index = head; index < before.length - tail; index++) {
    const identity = identityOf(before[index])
    if (!byIdentity.has(identity)) byIdentity.set(identity, index)
  }
  for (let index = head; index < after.length - tail; index++) {
    const identity = identityOf(after[index])
    const partner = byIdentity.get(identity)
    if (partner === undefined) continue
    byIdentity.delete(identity)
    pairs.set(index, partner)
  }
}

function identityOf(item: Json | undefined): string {
  if (isObject(item)) {
    const name = getOwn(item, 'name')
    if (typeof name === 'string') return `name ${name}`
  }
  return `value ${JSON.stringify(item)}`
}
