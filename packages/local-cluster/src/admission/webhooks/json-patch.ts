import {
  clone,
  deepEqual,
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type MutableJsonObject,
  quoteGo,
  setOwn,
} from '@proa/kube'

/** A patch that cannot be applied; the words are those of the library that Kubernetes uses (evanphx/json-patch 4). */
export class JsonPatchError extends Error {
  override readonly name = 'JsonPatchError'
}

/**
 * Applies a JSON Patch as the API server does. That is laxer than RFC 6902: `replace` of a missing key adds it, a missing
 * value is null, a copy of nothing is null, negative indexes count from the end. The document is not changed.
 *
 * @throws JsonPatchError
 */
export function applyJsonPatch(document: JsonObject, patch: readonly JsonObject[]): Json {
  const run = { root: clone(document) as Json }
  for (const operation of patch) applyOne(run, operation)
  return run.root
}

interface Run {
  root: Json
}

type Container = Json[] | MutableJsonObject

const OPERATIONS: ReadonlyMap<string, (run: Run, operation: JsonObject) => void> = new Map([
  ['add', add],
  ['copy', copy],
  ['move', move],
  ['remove', remove],
  ['replace', replace],
  ['test', test],
])

function applyOne(run: Run, operation: JsonObject): void {
  const kind = textOf(operation, 'op') ?? 'unknown'
  const apply = OPERATIONS.get(kind)
  if (apply === undefined) throw new JsonPatchError(`Unexpected kind: ${kind}`)
  apply(run, operation)
}

function add(run: Run, operation: JsonObject): void {
  const path = pathOf(operation, 'path', 'add operation failed to decode path')
  const found = find(run.root, path)
  if (found === undefined) fail(`add operation does not apply: doc is missing path: "${path}"`, MISSING)
  insert(found.parent, found.key, newValue(operation), `error in add for path: '${path}'`)
}

function remove(run: Run, operation: JsonObject): void {
  const path = pathOf(operation, 'path', 'remove operation failed to decode path')
  const found = find(run.root, path)
  if (found === undefined) fail(`remove operation does not apply: doc is missing path: "${path}"`, MISSING)
  takeOut(found.parent, found.key, `error in remove for path: '${path}'`)
}

function replace(run: Run, operation: JsonObject): void {
  const path = pathOf(operation, 'path', 'replace operation failed to decode path')
  if (path === '') {
    run.root = newValue(operation)
    return
  }
  const found = find(run.root, path)
  if (found === undefined) fail(`replace operation does not apply: doc is missing path: ${path}`, MISSING)
  const { parent, key } = found
  if (!Array.isArray(parent)) {
    setOwn(parent, key, newValue(operation))
    return
  }
  const index = indexIn(parent, key)
  if (typeof index === 'string') fail(`replace operation does not apply: doc is missing key: ${path}`, MISSING)
  parent[index] = newValue(operation)
}

function move(run: Run, operation: JsonObject): void {
  const from = pathOf(operation, 'from', 'move operation failed to decode from')
  const source = find(run.root, from)
  if (source === undefined) fail(`move operation does not apply: doc is missing from path: ${from}`, MISSING)
  const where = `error in move for path: '${source.key}'`
  const value = read(source.parent, source.key, where) ?? null
  takeOut(source.parent, source.key, where)
  const path = pathOf(operation, 'path', 'move operation failed to decode path')
  const target = find(run.root, path)
  if (target === undefined) fail(`move operation does not apply: doc is missing destination path: ${path}`, MISSING)
  insert(target.parent, target.key, value, `error in move for path: '${path}'`)
}

function copy(run: Run, operation: JsonObject): void {
  const from = pathOf(operation, 'from', 'copy operation failed to decode from')
  const source = find(run.root, from)
  if (source === undefined) fail(`copy operation does not apply: doc is missing from path: ${from}`, MISSING)
  const value = read(source.parent, source.key, `error in copy for from: '${from}'`) ?? null
  const path = pathOf(operation, 'path', 'copy operation failed to decode path')
  const target = find(run.root, path)
  if (target === undefined) fail(`copy operation does not apply: doc is missing destination path: ${path}`, MISSING)
  insert(target.parent, target.key, clone(value), 'error while adding value during copy')
}

function test(run: Run, operation: JsonObject): void {
  const path = pathOf(operation, 'path', 'test operation failed to decode path')
  const wanted = getOwn(operation, 'value') ?? null
  if (path === '') {
    if (!deepEqual(run.root, wanted)) fail(`testing value ${path} failed`, 'test failed')
    return
  }
  const found = find(run.root, path)
  if (found === undefined) fail(`test operation does not apply: is missing path: ${path}`, MISSING)
  const value = read(found.parent, found.key, `error in test for path: '${path}'`) ?? null
  if (!deepEqual(value, wanted)) fail(`testing value ${path} failed`, 'test failed')
}

const MISSING = 'missing value'

function fail(what: string, why: string): never {
  throw new JsonPatchError(`${what}: ${why}`)
}

function pathOf(operation: JsonObject, key: 'path' | 'from', problem: string): string {
  return textOf(operation, key) ?? fail(problem, MISSING)
}

function textOf(operation: JsonObject, key: string): string | undefined {
  const value = getOwn(operation, key)
  return typeof value === 'string' ? value : undefined
}

function newValue(operation: JsonObject): Json {
  return clone(getOwn(operation, 'value') ?? null)
}

/** The container that holds the last step of a path. */
function find(root: Json, path: string): { readonly parent: Container; readonly key: string } | undefined {
  const steps = path.split('/').slice(1).map(decode)
  const key = steps.pop()
  if (key === undefined) return undefined
  let node: Json | undefined = root
  for (const step of steps) {
    if (isArray(node)) {
      const index = indexIn(node, step)
      node = typeof index === 'string' ? undefined : node[index]
    } else node = isObject(node) ? getOwn(node, step) : undefined
  }
  // The document is our own copy.
  return isArray(node) || isObject(node) ? { parent: node as Container, key } : undefined
}

function decode(step: string): string {
  return step.replace(/~[01]/g, (escaped) => (escaped === '~1' ? '/' : '~'))
}

/** The place of an existing item, or what is wrong with the index. */
function indexIn(list: readonly Json[], key: string): number | string {
  const index = parseIndex(key)
  if (typeof index === 'string') return index
  const place = index < 0 ? index + list.length : index
  return place < 0 || place >= list.length ? outOfRange(index) : place
}

function parseIndex(key: string): number | string {
  return /^[+-]?\d{1,15}$/.test(key) ? Number(key) : `strconv.Atoi: parsing ${quoteGo(key)}: invalid syntax`
}

function outOfRange(index: number): string {
  return `Unable to access invalid index: ${index}: invalid index referenced`
}

function read(parent: Container, key: string, where: string): Json | undefined {
  if (!Array.isArray(parent)) return getOwn(parent, key)
  const index = indexIn(parent, key)
  return typeof index === 'string' ? fail(where, index) : parent[index]
}

function insert(parent: Container, key: string, value: Json, where: string): void {
  if (!Array.isArray(parent)) {
    setOwn(parent, key, value)
    return
  }
  if (key === '-') {
    parent.push(value)
    return
  }
  const index = parseIndex(key)
  if (typeof index === 'string') fail(where, `value was not a proper array index: '${key}': ${index}`)
  const size = parent.length + 1
  const place = index < 0 ? index + size : index
  if (place < 0 || place >= size) fail(where, outOfRange(index))
  parent.splice(place, 0, value)
}

function takeOut(parent: Container, key: string, where: string): void {
  if (Array.isArray(parent)) {
    const index = indexIn(parent, key)
    if (typeof index === 'string') fail(where, index)
    parent.splice(index, 1)
  } else if (Object.hasOwn(parent, key)) delete parent[key]
  else fail(where, `Unable to remove nonexistent key: ${key}: ${MISSING}`)
}
