import {
  deepEqual,
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonArray,
  type JsonObject,
  type JsonPath,
} from '../json.ts'
import { planListSteps } from './list-order.ts'
import type { JsonPatchOperation } from './operation.ts'
import { formatPointer } from './pointer.ts'

/** What `diff` has to know of the documents. */
export interface DiffOptions {
  /**
   * The field that identifies the items of the list at a path, where there is
   * one (`name` for `spec.containers`). Such lists are compared by that field:
   * items are inserted, removed and moved, never rewritten into one another.
   */
  readonly listKey?: (path: JsonPath) => string | undefined
}

interface DiffRun {
  readonly operations: JsonPatchOperation[]
  readonly path: (string | number)[]
  readonly listKey: (path: JsonPath) => string | undefined
}

/**
 * The JSON patch that turns `from` into `to`; `[]` when they are equal. Time is
 * linear in the documents, n log n in reordered lists.
 */
export function diff(from: Json, to: Json, options: DiffOptions = {}): JsonPatchOperation[] {
  const run: DiffRun = { operations: [], path: [], listKey: options.listKey ?? (() => undefined) }
  diffValue(run, from, to)
  return run.operations
}

function diffValue(run: DiffRun, from: Json, to: Json): void {
  if (from === to) return
  if (isObject(from) && isObject(to)) diffObject(run, from, to)
  else if (isArray(from) && isArray(to)) diffList(run, from, to)
  else run.operations.push({ op: 'replace', path: formatPointer(run.path), value: to })
}

function diffAt(run: DiffRun, step: string | number, from: Json, to: Json): void {
  if (from === to) return
  run.path.push(step)
  diffValue(run, from, to)
  run.path.pop()
}

function pointerTo(run: DiffRun, step: string | number): string {
  return formatPointer([...run.path, step])
}

function diffObject(run: DiffRun, from: JsonObject, to: JsonObject): void {
  for (const key of Object.keys(from)) {
    if (!Object.hasOwn(to, key)) run.operations.push({ op: 'remove', path: pointerTo(run, key) })
  }
  for (const key of Object.keys(to)) {
    const value = to[key] as Json
    const before = getOwn(from, key)
    if (before === undefined) run.operations.push({ op: 'add', path: pointerTo(run, key), value })
    else diffAt(run, key, before, value)
  }
}

function diffList(run: DiffRun, from: JsonArray, to: JsonArray): void {
  const key = run.listKey(run.path)
  const fromKeys = key === undefined ? undefined : uniqueKeys(from, key)
  const toKeys = key === undefined || fromKeys === undefined ? undefined : uniqueKeys(to, key)
  if (fromKeys !== undefined && toKeys !== undefined) diffKeyedList(run, from, fromKeys, to, toKeys)
  else diffPlainList(run, from, to)
}

/** The items' keys, or `undefined` when an item has none or two share one. */
function uniqueKeys(list: JsonArray, key: string): Json[] | undefined {
  const seen = new Set<Json>()
  for (const item of list) {
    const value = isObject(item) ? getOwn(item, key) : undefined
    if (value === undefined || typeof value === 'object' || seen.has(value)) return undefined
    seen.add(value)
  }
  return [...seen]
}

function diffKeyedList(run: DiffRun, from: JsonArray, fromKeys: Json[], to: JsonArray, toKeys: Json[]): void {
  for (const step of planListSteps(fromKeys, toKeys)) {
    const path = pointerTo(run, step.index)
    switch (step.kind) {
      case 'remove':
        run.operations.push({ op: 'remove', path })
        break
      case 'insert':
        run.operations.push({ op: 'add', path, value: to[step.target] as Json })
        break
      case 'move':
        run.operations.push({ op: 'move', from: pointerTo(run, step.from), path })
        break
    }
  }
  const before = new Map(fromKeys.map((key, i) => [key, from[i] as Json]))
  for (const [i, key] of toKeys.entries()) {
    const item = before.get(key)
    if (item !== undefined) diffAt(run, i, item, to[i] as Json)
  }
}

/**
 * Lists without identity: equal items at both ends stay, what is left in the
 * middle is compared index by index.
 */
function diffPlainList(run: DiffRun, from: JsonArray, to: JsonArray): void {
  const shorter = Math.min(from.length, to.length)
  let start = 0
  while (start < shorter && deepEqual(from[start], to[start])) start++
  let end = 0
  while (end < shorter - start && deepEqual(from[from.length - 1 - end], to[to.length - 1 - end])) end++
  const fromEnd = from.length - end
  const toEnd = to.length - end
  const common = Math.min(fromEnd, toEnd)
  for (let i = start; i < common; i++) diffAt(run, i, from[i] as Json, to[i] as Json)
  for (let i = fromEnd - 1; i >= Math.max(common, start); i--) {
    run.operations.push({ op: 'remove', path: pointerTo(run, i) })
  }
  for (let i = Math.max(common, start); i < toEnd; i++) {
    run.operations.push({ op: 'add', path: pointerTo(run, i), value: to[i] as Json })
  }
}
