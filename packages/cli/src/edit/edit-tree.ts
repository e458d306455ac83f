import {
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type MutableJsonObject,
  setOwn,
} from '@proa/kube'
import type { SourceNode } from './source-node.ts'

/**
 * The document while it is being changed: what is kept still knows the text it comes from, so that only the rest has
 * to be written. Containers are opened (turned from `kept` into `map` or `list`) only where a patch reaches into them.
 */
export type EditTree = KeptTree | MapTree | ListTree

/** A value that is as it was (with `node`), or new (without). */
export interface KeptTree {
  readonly kind: 'kept'
  readonly value: Json
  readonly node: SourceNode | undefined
  /** The value reached its map through a merge key (`<<`): it has no text of its own there. */
  readonly inherited: boolean
}

export interface MapTree {
  readonly kind: 'map'
  readonly entries: Map<string, EditTree>
  readonly node: SourceNode | undefined
}

export interface ListTree {
  readonly kind: 'list'
  readonly items: EditTree[]
  readonly node: SourceNode | undefined
}

export function kept(value: Json, node?: SourceNode, inherited = false): KeptTree {
  return { kind: 'kept', value, node, inherited }
}

/** Opens a kept container one level; scalars and containers that are open already come back as they are. */
export function open(tree: EditTree): EditTree {
  if (tree.kind !== 'kept') return tree
  const { value, node } = tree
  if (isArray(value)) return { kind: 'list', items: openItems(value, node), node }
  if (isObject(value)) return { kind: 'map', entries: openEntries(value, node), node }
  return tree
}

function openItems(value: JsonArray, node: SourceNode | undefined): EditTree[] {
  const items = node?.kind === 'list' ? node.items : []
  return value.map((item, index) => kept(item, items[index]?.value))
}

function openEntries(value: JsonObject, node: SourceNode | undefined): Map<string, EditTree> {
  const places = new Map<string, SourceNode>()
  // The last of several equal keys is the one that counts.
  if (node?.kind === 'map') for (const pair of node.pairs) if (!pair.merge) places.set(pair.key, pair.value)
  const entry = (key: string) => kept(getOwn(value, key) ?? null, places.get(key), !places.has(key))
  return new Map(Object.keys(value).map((key) => [key, entry(key)]))
}

/** The value that the tree stands for now. */
export function treeValue(tree: EditTree): Json {
  if (tree.kind === 'kept') return tree.value
  if (tree.kind === 'list') return tree.items.map(treeValue)
  const value: MutableJsonObject = {}
  for (const [key, entry] of tree.entries) setOwn(value, key, treeValue(entry))
  return value
}
