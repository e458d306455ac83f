import { getOwn, isArray, isObject, type Json } from '@proa/kube'
import { type EditTree, kept, treeValue } from './edit-tree.ts'
import { reconcile } from './reconcile.ts'

/**
 * A patch says "remove here, add there" when something changes lists (a container becomes an init container). Where an
 * added item has the name of a removed one, the text of the old one is used for it, with the comments inside.
 */
export function reuseRemoved(root: EditTree, removed: readonly EditTree[]): EditTree {
  const byName = new Map<string, EditTree>()
  for (const tree of removed) {
    const name = nameOf(treeValue(tree))
    if (name !== undefined && tree.node !== undefined) byName.set(name, tree)
  }
  return byName.size === 0 ? root : reuseIn(root, byName)
}

function reuseIn(tree: EditTree, removed: Map<string, EditTree>): EditTree {
  if (tree.kind === 'map') {
    for (const [key, entry] of tree.entries) tree.entries.set(key, reuseIn(entry, removed))
    return tree
  }
  if (tree.kind === 'list') {
    tree.items.forEach((item, index) => {
      tree.items[index] = reuseItem(item, removed)
    })
    return tree
  }
  // Only what is new can be something that was removed; only lists have items with names.
  if (tree.node !== undefined || tree.inherited || !isArray(tree.value)) return tree
  const items = tree.value.map((item) => reuseItem(kept(item), removed))
  return items.some((item) => item.node !== undefined) ? { kind: 'list', items, node: undefined } : tree
}

function reuseItem(item: EditTree, removed: Map<string, EditTree>): EditTree {
  if (item.kind !== 'kept' || item.node !== undefined) return reuseIn(item, removed)
  const name = nameOf(item.value)
  const old = name === undefined ? undefined : removed.get(name)
  if (name === undefined || old === undefined) return item
  removed.delete(name)
  return reconcile(old, item.value)
}

function nameOf(value: Json): string | undefined {
  const name = isObject(value) ? getOwn(value, 'name') : undefined
  return typeof name === 'string' ? name : undefined
}
