import { getOwn, isArray, isObject, type Json } from '@proa/kube'
import { kept } from './edit-tree.ts'
import type { Editing } from './editing.ts'
import { replaceNode } from './replace-node.ts'
import type { SourceNode } from './source-node.ts'

/**
 * Writes out the aliases of anchors whose value was changed or removed, so that their other uses stay what they were.
 * @param value the document before the change.
 */
export function expandAliases(editing: Editing, value: Json): void {
  const { aliases, root } = editing.document
  const { changed, gone } = editing.splices
  const isStale = (node: SourceNode | undefined) => node !== undefined && (changed.has(node) || gone.has(node))
  const stale = aliases.filter((alias) => !gone.has(alias) && isStale(alias.target))
  if (stale.length === 0) return
  const values = new Map<SourceNode, Json>()
  collectValues(root, value, values)
  for (const alias of stale) {
    if (alias.target !== undefined) replaceNode(editing, alias, kept(values.get(alias.target) ?? null))
  }
}

/** Which value every node of the text stands for. */
function collectValues(node: SourceNode, value: Json, values: Map<SourceNode, Json>): void {
  values.set(node, value)
  if (node.kind === 'map' && isObject(value)) {
    for (const pair of node.pairs) {
      const inner = pair.merge ? undefined : getOwn(value, pair.key)
      if (inner !== undefined) collectValues(pair.value, inner, values)
    }
  }
  if (node.kind === 'list' && isArray(value)) {
    node.items.forEach((item, index) => {
      const inner = value[index]
      if (inner !== undefined) collectValues(item.value, inner, values)
    })
  }
}
