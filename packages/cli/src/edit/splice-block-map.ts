import type { MapTree } from './edit-tree.ts'
import type { Editing } from './editing.ts'
import { offeredKeys } from './merge-keys.ts'
import type { MapNode } from './source-node.ts'
import { type BlockEntry, spliceEntries } from './splice-entries.ts'
import { styleIn } from './style.ts'
import { pairLines } from './write-block.ts'

/** Brings a block map to what the tree says: entry by entry, new keys at the end (or where custom wants them). */
export function spliceBlockMap(editing: Editing, node: MapNode, tree: MapTree): boolean {
  const offered = offeredKeys(node)
  // A key that a merge offers can only be removed by writing out what is left of the merge.
  const expand = [...offered].some((key) => !tree.entries.has(key))
  const places = new Map(node.pairs.filter((pair) => !pair.merge).map((pair) => [pair.key, pair.value]))
  let changed = false
  const added: string[] = []
  for (const [key, entry] of tree.entries) {
    const place = places.get(key)
    if (place !== undefined) changed = editing.splice(place, entry) || changed
    else if (expand || !(entry.kind === 'kept' && entry.inherited && offered.has(key))) added.push(key)
  }
  const entries = node.pairs.map(
    (pair): BlockEntry => ({ ...pair, survives: pair.merge ? !expand : tree.entries.has(pair.key) }),
  )
  const insertions = placeNewKeys(editing, node, tree, entries, added)
  return spliceEntries(editing.splices, node, entries, insertions, '{}') || changed
}

function placeNewKeys(
  editing: Editing,
  node: MapNode,
  tree: MapTree,
  entries: readonly BlockEntry[],
  added: readonly string[],
): Map<number, string[]> {
  const style = styleIn(node, editing.style)
  const insertions = new Map<number, string[]>()
  for (const key of added) {
    const entry = tree.entries.get(key)
    if (entry === undefined) continue
    const behind = lastSurvivor(entries, customaryIndex(node, key))
    const lines = insertions.get(behind) ?? []
    lines.push(...pairLines({ ...editing, style }, key, entry, node.column))
    insertions.set(behind, lines)
  }
  return insertions
}

function lastSurvivor(entries: readonly BlockEntry[], below: number): number {
  for (let index = below - 1; index >= 0; index--) if (entries[index]?.survives === true) return index
  return -1
}

/** The order in which everybody writes the top of an object; other keys have no customary place. */
const customary = ['apiVersion', 'kind', 'metadata', 'spec', 'status']

function customaryIndex(node: MapNode, key: string): number {
  const rank = customary.indexOf(key)
  if (rank < 0) return node.pairs.length
  const later = node.pairs.findIndex((pair) => customary.indexOf(pair.key) > rank)
  return later < 0 ? node.pairs.length : later
}
