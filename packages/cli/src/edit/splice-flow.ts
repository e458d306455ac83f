import { isArray, isObject } from '@proa/kube'
import { type EditTree, type ListTree, type MapTree, treeValue } from './edit-tree.ts'
import type { Editing } from './editing.ts'
import { offeredKeys } from './merge-keys.ts'
import { replaceNode } from './replace-node.ts'
import type { ListNode, MapNode, SourceNode } from './source-node.ts'
import { stayingItems } from './splice-block-list.ts'
import { markGone, replaceRange } from './splices.ts'
import { lineStart } from './text-lines.ts'
import { flowKey, flowText, jsonText } from './write-flow.ts'

/** A line of a flow collection may become so long; then the collection is written in block style instead. */
const longestLine = 100

/** An entry of a flow collection: one that stands in the text, or a new one. */
interface FlowEntry {
  readonly start: number
  readonly end: number
  readonly value: SourceNode
  readonly tree: EditTree | undefined
  readonly hasColon: boolean
}

interface NewEntry {
  readonly behind: number
  readonly key: string | undefined
  readonly tree: EditTree
}

/** Brings `{…}` or `[…]` (YAML or JSON) to what the tree says. */
export function spliceFlow(editing: Editing, node: MapNode | ListNode, tree: EditTree): boolean {
  if (node.kind === 'map' && tree.kind === 'map') {
    const offered = offeredKeys(node)
    // Written anew where a merge would have to be taken apart.
    if ([...offered].some((key) => !tree.entries.has(key))) return replaceNode(editing, node, tree)
    return spliceFlowEntries(editing, node, mapEntries(node, tree), newPairs(node, tree, offered), tree)
  }
  if (node.kind === 'list' && tree.kind === 'list') {
    const stays = stayingItems(node, tree.items)
    return spliceFlowEntries(editing, node, listEntries(node, stays), newItems(tree, stays), tree)
  }
  return replaceNode(editing, node, tree)
}

function mapEntries(node: MapNode, tree: MapTree): FlowEntry[] {
  const last = new Map(node.pairs.map((pair, index) => [pair.key, index]))
  return node.pairs.map((pair, index) => {
    const { start, value, hasColon } = pair
    const overridden = last.get(pair.key) !== index
    const entry = tree.entries.get(pair.key)
    // A merge and an earlier one of equal keys stay as they are while the key exists.
    const stays = pair.merge || (overridden && entry !== undefined)
    const own: EditTree | undefined = stays ? { kind: 'kept', value: null, node: value, inherited: false } : entry
    return { start, end: value.end, value, hasColon, tree: own }
  })
}

function listEntries(node: ListNode, stays: ReadonlyMap<EditTree, number>): FlowEntry[] {
  const trees = new Map([...stays].map(([tree, index]) => [index, tree]))
  return node.items.map(({ start, value }, index) => {
    return { start, end: value.end, value, hasColon: true, tree: trees.get(index) }
  })
}

function newPairs(node: MapNode, tree: MapTree, offered: ReadonlySet<string>): NewEntry[] {
  const own = new Set(node.pairs.filter((pair) => !pair.merge).map((pair) => pair.key))
  const added: NewEntry[] = []
  const behind = node.pairs.findLastIndex((pair) => pair.merge || tree.entries.has(pair.key))
  for (const [key, entry] of tree.entries) {
    if (own.has(key) || (entry.kind === 'kept' && entry.inherited && offered.has(key))) continue
    added.push({ behind, key, tree: entry })
  }
  return added
}

function newItems(tree: ListTree, stays: ReadonlyMap<EditTree, number>): NewEntry[] {
  const added: NewEntry[] = []
  let behind = -1
  for (const item of tree.items) {
    const index = stays.get(item)
    if (index === undefined) added.push({ behind, key: undefined, tree: item })
    else behind = index
  }
  return added
}

function spliceFlowEntries(
  editing: Editing,
  node: MapNode | ListNode,
  entries: readonly FlowEntry[],
  added: readonly NewEntry[],
  tree: MapTree | ListTree,
): boolean {
  const survivors = entries.filter((entry) => entry.tree !== undefined)
  if (survivors.length === 0 && (added.length > 0 || entries.length > 0)) return replaceNode(editing, node, tree)
  const layout = flowLayout(editing, node, entries)
  const texts = added.map((entry) => ({ ...entry, text: entryText(editing, entry, layout.pad) }))
  if (outgrows(editing, node, texts)) return replaceNode(editing, node, tree)
  let changed = added.length > 0 || survivors.length < entries.length
  for (const entry of survivors) {
    if (entry.tree === undefined) continue
    if (!entry.hasColon && entry.tree.node !== entry.value) return replaceNode(editing, node, tree)
    changed = editing.splice(entry.value, entry.tree) || changed
  }
  insertFlow(editing, entries, texts, layout.separator)
  removeFlow(editing, entries)
  return changed
}

interface FlowLayout {
  /** Between two entries. */
  readonly separator: string
  /** The indentation of the line of an entry when every entry has its own; undefined when all are on one line. */
  readonly pad: string | undefined
}

function flowLayout(
  { document: { text }, style }: Editing,
  node: SourceNode,
  entries: readonly FlowEntry[],
): FlowLayout {
  const first = entries[0]
  const lead = first === undefined ? '' : text.slice(node.start + 1, first.start)
  if (first !== undefined && lead.includes('\n')) {
    const pad = text.slice(lineStart(text, first.start), first.start)
    return { separator: `,${style.eol}${pad}`, pad }
  }
  return { separator: style.flowGap === '' ? ',' : ', ', pad: undefined }
}

function entryText({ document, style }: Editing, { key, tree }: NewEntry, pad: string | undefined): string {
  const value = treeValue(tree)
  const name = key === undefined ? '' : document.json ? `${JSON.stringify(key)}:${style.flowGap}` : `${flowKey(key)}: `
  if (document.json) return name + jsonText(value, pad ?? '', pad === undefined ? { ...style, flowUnit: '' } : style)
  const text = flowText(value, style)
  const long = pad !== undefined && text.length > longestLine && (isArray(value) || isObject(value))
  // JSON is flow style too, and the only one of its layouts that stays readable over many lines.
  return name + (long ? jsonText(value, pad, { ...style, flowUnit: '  ' }) : text)
}

/** Scalars stay in their line, however long it gets: that is the author's style, and taking them out restores it. */
function outgrows(editing: Editing, node: SourceNode, added: readonly { text: string; tree: EditTree }[]): boolean {
  const { text, json } = editing.document
  const collections = added.filter(({ tree }) => isArray(treeValue(tree)) || isObject(treeValue(tree)))
  if (json || node.inFlow || collections.length === 0) return false
  const now = text.slice(node.start, node.end)
  const length = added.reduce((sum, entry) => sum + entry.text.length + 2, node.end - lineStart(text, node.start))
  return !now.includes('\n') && length > longestLine
}

function insertFlow(
  { splices }: Editing,
  entries: readonly FlowEntry[],
  added: readonly (NewEntry & { text: string })[],
  separator: string,
): void {
  const first = entries.find((entry) => entry.tree !== undefined)
  for (const { behind, text } of added) {
    const before = entries[behind]
    if (before !== undefined) replaceRange(splices, before.end, before.end, separator + text)
    else if (first !== undefined) replaceRange(splices, first.start, first.start, text + separator)
  }
}

/** Every removed entry takes the comma behind it along; the last ones take the comma before them. */
function removeFlow({ splices }: Editing, entries: readonly FlowEntry[]): void {
  const lastKept = entries.findLastIndex((entry) => entry.tree !== undefined)
  entries.forEach((entry, index) => {
    if (entry.tree !== undefined) return
    markGone(splices, entry.value)
    const next = entries[index + 1]
    if (index < lastKept && next !== undefined) replaceRange(splices, entry.start, next.start, '')
  })
  const [from, to] = [entries[lastKept], entries.at(-1)]
  if (from !== undefined && to !== undefined && from !== to) replaceRange(splices, from.end, to.end, '')
}
