import {
  clone,
  deepEqual,
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type MutableJsonObject,
  setOwn,
} from '../json.ts'
import type { JsonPatchOperation } from './operation.ts'
import { parsePointer } from './pointer.ts'

/** A patch that cannot be applied. */
export class PatchError extends Error {
  override readonly name = 'PatchError'
  /** 0-based position of the failing operation in the patch. */
  readonly index: number
  /** What is wrong, without the operation. */
  readonly reason: string

  constructor(index: number, operation: JsonPatchOperation, reason: string) {
    super(`operation ${index} (${String(operation.op)} ${JSON.stringify(operation.path)}): ${reason}`)
    this.index = index
    this.reason = reason
  }
}

/** Thrown inside one operation; {@link applyPatch} adds which one. */
class OperationFailure extends Error {}

/**
 * One application of a patch. Nodes in `owned` were copied by this run and may
 * be changed in place, so many operations on one long list copy it once.
 */
interface ApplyRun {
  root: Json
  readonly owned: WeakSet<JsonObject | JsonArray>
}

type MutableNode = Json[] | MutableJsonObject

/**
 * Applies a JSON patch (RFC 6902) and returns the new document; neither the
 * document nor the patch is changed. `add` on an existing key replaces it.
 *
 * @throws PatchError when an operation is malformed, its path does not exist, or a `test` fails
 */
export function applyPatch(document: Json, operations: readonly JsonPatchOperation[]): Json {
  const run: ApplyRun = { root: document, owned: new WeakSet() }
  for (const [index, operation] of operations.entries()) {
    try {
      applyOperation(run, operation)
    } catch (error) {
      if (error instanceof OperationFailure) throw new PatchError(index, operation, error.message)
      throw error
    }
  }
  return run.root
}

function applyOperation(run: ApplyRun, operation: JsonPatchOperation): void {
  const path = steps(operation.path, 'path')
  switch (operation.op) {
    case 'add':
      add(run, path, operationValue(operation))
      return
    case 'remove':
      remove(run, path)
      return
    case 'replace':
      if (path.length === 0) run.root = operationValue(operation)
      else replace(run, path, operationValue(operation))
      return
    case 'move':
      move(run, steps(operation.from, 'from'), path)
      return
    case 'copy':
      // Cloned, because the original may be a node that this run changes in place.
      add(run, path, clone(find(run.root, steps(operation.from, 'from'))))
      return
    case 'test':
      if (!deepEqual(find(run.root, path), operationValue(operation))) throw new OperationFailure('the value differs')
      return
    default:
      throw new OperationFailure('unknown operation; use add, remove, replace, move, copy or test')
  }
}

function steps(pointer: unknown, field: string): string[] {
  const path = typeof pointer === 'string' ? parsePointer(pointer) : undefined
  if (path === undefined) throw new OperationFailure(`${field} is not a JSON pointer`)
  return path
}

function operationValue(operation: { readonly value: Json }): Json {
  if (operation.value === undefined) throw new OperationFailure('value is missing')
  return operation.value
}

function add(run: ApplyRun, path: readonly string[], value: Json): void {
  const step = path.at(-1)
  if (step === undefined) {
    run.root = value
    return
  }
  const parent = ownParent(run, path)
  if (Array.isArray(parent)) {
    const index = step === '-' ? parent.length : listIndex(step, parent.length)
    if (index === parent.length) parent.push(value)
    else parent.splice(index, 0, value)
  } else {
    setOwn(parent, step, value)
  }
}

function remove(run: ApplyRun, path: readonly string[]): Json {
  const step = path.at(-1)
  if (step === undefined) throw new OperationFailure('the whole document cannot be removed')
  const parent = ownParent(run, path)
  const value = child(parent, step)
  if (Array.isArray(parent)) parent.splice(Number(step), 1)
  else delete parent[step]
  return value
}

function replace(run: ApplyRun, path: readonly string[], value: Json): void {
  const step = path.at(-1) as string
  const parent = ownParent(run, path)
  child(parent, step)
  if (Array.isArray(parent)) parent[Number(step)] = value
  else setOwn(parent, step, value)
}

function move(run: ApplyRun, from: readonly string[], path: readonly string[]): void {
  const inside = from.every((step, i) => path[i] === step)
  if (inside && path.length === from.length) {
    find(run.root, from)
    return
  }
  if (inside) throw new OperationFailure('a value cannot be moved into itself')
  add(run, path, remove(run, from))
}

function find(root: Json, path: readonly string[]): Json {
  let node = root
  for (const step of path) node = child(node, step)
  return node
}

function child(node: Json, step: string): Json {
  if (isArray(node)) return node[listIndex(step, node.length - 1)] as Json
  const value = isObject(node) ? getOwn(node, step) : undefined
  if (value === undefined) throw new OperationFailure(`there is no ${JSON.stringify(step)} in the document`)
  return value
}

function listIndex(step: string, max: number): number {
  if (!/^(0|[1-9][0-9]{0,9})$/.test(step)) throw new OperationFailure(`${JSON.stringify(step)} is not a list index`)
  const index = Number(step)
  if (index > max) throw new OperationFailure(`index ${step} is outside the list`)
  return index
}

/** The node that holds the last step, with every node on the way made our own. */
function ownParent(run: ApplyRun, path: readonly string[]): MutableNode {
  let node = ownNode(run, run.root)
  run.root = node
  for (const step of path.slice(0, -1)) {
    const next = ownNode(run, child(node, step))
    if (Array.isArray(node)) node[Number(step)] = next
    else setOwn(node, step, next)
    node = next
  }
  return node
}

function ownNode(run: ApplyRun, node: Json): MutableNode {
  if (typeof node !== 'object' || node === null) throw new OperationFailure('the path leads into a scalar')
  // Owned nodes were made here as mutable copies; readonly is only the view of outsiders.
  if (run.owned.has(node)) return node as MutableNode
  const copy: MutableNode = isArray(node) ? [...node] : { ...node }
  run.owned.add(copy)
  return copy
}
