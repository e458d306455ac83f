import { deepEqual, type Json, type JsonPatchOperation } from '@proa/kube'
import { type EditTree, kept, open, treeValue } from './edit-tree.ts'
import { reconcile } from './reconcile.ts'
import { reuseRemoved } from './reuse-removed.ts'

/** A patch that does not fit the document. */
export class EditError extends Error {
  override readonly name = 'EditError'
}

/**
 * Applies JSON Patch operations (RFC 6902) one after the other.
 * @throws EditError naming the operation when a path does not exist or a `test` fails.
 */
export function patchTree(root: EditTree, patch: readonly JsonPatchOperation[]): EditTree {
  const removed: EditTree[] = []
  const patched = patch.reduce((tree, operation, index) => {
    try {
      if (operation.op === 'remove') removed.push(find(tree, pointerSteps(operation.path)))
      return applyOperation(tree, operation)
    } catch (error) {
      if (!(error instanceof EditError)) throw error
      throw new EditError(`operation ${index} (${operation.op} ${operation.path}): ${error.message}`)
    }
  }, root)
  return reuseRemoved(patched, removed)
}

function applyOperation(root: EditTree, operation: JsonPatchOperation): EditTree {
  const path = pointerSteps(operation.path)
  switch (operation.op) {
    case 'add':
      return change(root, path, (parent, step) => put(parent, step, operation.value), operation.value)
    case 'replace':
      find(root, path)
      return change(root, path, (parent, step) => put(parent, step, operation.value, true), operation.value)
    case 'remove':
      return change(root, path, take, null)
    case 'test':
      if (deepEqual(treeValue(find(root, path)), operation.value)) return root
      throw new EditError('the value is a different one')
    case 'copy':
      return place(root, path, kept(treeValue(find(root, pointerSteps(operation.from)))))
    case 'move':
      return move(root, pointerSteps(operation.from), path)
  }
}

function move(root: EditTree, from: string[], path: string[]): EditTree {
  if (from.length < path.length && from.every((step, index) => step === path[index])) {
    throw new EditError('a value cannot be moved into itself')
  }
  const moved = find(root, from)
  if (from.length === 0) return root
  return place(change(root, from, take, null), path, moved)
}

function place(root: EditTree, path: string[], tree: EditTree): EditTree {
  if (path.length === 0) return tree
  return change(root, path, (parent, step) => putTree(parent, step, tree), null)
}

type Change = (parent: EditTree, step: string) => EditTree

/** Opens the containers on the way and hands the last one to `apply`; the root itself is replaced by `rootValue`. */
function change(root: EditTree, path: readonly string[], apply: Change, rootValue: Json): EditTree {
  if (path.length === 0) return reconcile(root, rootValue)
  const [step = '', ...rest] = path
  const opened = open(root)
  if (rest.length === 0) return apply(opened, step)
  const next = change(child(opened, step), rest, apply, rootValue)
  if (opened.kind === 'map') opened.entries.set(step, next)
  if (opened.kind === 'list') opened.items[listIndex(opened.items.length, step, false)] = next
  return opened
}

function put(parent: EditTree, step: string, json: Json, replace = false): EditTree {
  if (parent.kind === 'map') {
    const old = parent.entries.get(step)
    return putTree(parent, step, old === undefined ? kept(json) : reconcile(old, json))
  }
  if (parent.kind === 'list' && replace) {
    const index = listIndex(parent.items.length, step, false)
    const old = parent.items[index]
    if (old !== undefined) parent.items[index] = reconcile(old, json)
    return parent
  }
  return putTree(parent, step, kept(json))
}

function putTree(parent: EditTree, step: string, tree: EditTree): EditTree {
  if (parent.kind === 'map') parent.entries.set(step, tree)
  else if (parent.kind === 'list') parent.items.splice(listIndex(parent.items.length, step, true), 0, tree)
  else throw new EditError('the parent is neither an object nor a list')
  return parent
}

function take(parent: EditTree, step: string): EditTree {
  child(parent, step)
  if (parent.kind === 'map') parent.entries.delete(step)
  if (parent.kind === 'list') parent.items.splice(listIndex(parent.items.length, step, false), 1)
  return parent
}

function find(root: EditTree, path: readonly string[]): EditTree {
  let tree = root
  for (const step of path) {
    // Looking does not open anything for good: a `test` must leave the text alone.
    tree = child(open(tree), step)
  }
  return tree
}

function child(parent: EditTree, step: string): EditTree {
  if (parent.kind === 'kept') throw new EditError(`nothing below a plain value has the name "${step}"`)
  const found =
    parent.kind === 'map' ? parent.entries.get(step) : parent.items[listIndex(parent.items.length, step, false)]
  if (found === undefined) throw new EditError(`"${step}" does not exist`)
  return found
}

function listIndex(length: number, step: string, insert: boolean): number {
  if (step === '-' && insert) return length
  if (!/^(?:0|[1-9][0-9]*)$/.test(step)) throw new EditError(`"${step}" is not an index of a list`)
  const index = Number(step)
  if (index > length || (index === length && !insert)) throw new EditError(`the list has only ${length} items`)
  return index
}

function pointerSteps(pointer: string): string[] {
  if (pointer === '') return []
  if (!pointer.startsWith('/')) throw new EditError('a path begins with "/"')
  return pointer
    .slice(1)
    .split('/')
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))
}
