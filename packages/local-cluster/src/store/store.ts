import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'

/** Where an object is kept: a resource (without its version), a namespace (`''`: none) and a name. */
export interface StoreKey {
  /** `pods`, `deployments.apps` */
  readonly bucket: string
  readonly namespace: string
  readonly name: string
}

/** One write, in the order of the writes. */
export interface StoreChange {
  readonly revision: number
  readonly key: StoreKey
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  /** For DELETED the last state, with the resourceVersion of the deletion. */
  readonly object: JsonObject
  readonly before: JsonObject | undefined
}

/** Everything that outlives the process. */
export interface StoreSnapshot {
  readonly revision: number
  readonly objects: readonly { readonly key: StoreKey; readonly object: JsonObject }[]
}

/**
 * Objects by key, one revision for all writes, and a window of the last changes: what watches and paged lists read. Whoever
 * wants changes older than the window has to list again, so neither a slow watch nor a long life costs memory.
 */
export interface Store {
  readonly revision: number
  /** The newest revision whose changes are no longer kept; changes after it can be read. */
  readonly compacted: number
  get(key: StoreKey): JsonObject | undefined
  /** By namespace and name, as etcd orders its keys. */
  list(bucket: string, namespace?: string): readonly JsonObject[]
  /** The state after that revision, or undefined when it is not kept any more. */
  listAt(revision: number, bucket: string, namespace?: string): readonly JsonObject[] | undefined
  /** Stores the object with a new resourceVersion and returns it as stored. */
  put(key: StoreKey, object: JsonObject): JsonObject
  /** Returns the last state with the resourceVersion of the deletion. */
  remove(key: StoreKey): JsonObject | undefined
  /** The changes after a revision, oldest first, at most `limit`; undefined when the window does not reach so far back. */
  changesAfter(revision: number, limit: number): readonly StoreChange[] | undefined
  /** Called after each write, before anything else runs. Returns what ends it. */
  onChange(listener: (change: StoreChange) => void): () => void
  snapshot(): StoreSnapshot
}

export interface StoreOptions {
  /** How many changes are kept for watches and paged lists. Default 10,000. */
  readonly window?: number
  readonly from?: StoreSnapshot
}

const DEFAULT_WINDOW = 10_000

type Bucket = Map<string, Map<string, JsonObject>>

export function createStore(options: StoreOptions = {}): Store {
  const size = options.window ?? DEFAULT_WINDOW
  const buckets = new Map<string, Bucket>()
  const listeners = new Set<(change: StoreChange) => void>()
  let changes: StoreChange[] = []
  let revision = options.from?.revision ?? 0
  let compacted = revision

  const at = (bucket: string, namespace: string): Map<string, JsonObject> | undefined =>
    buckets.get(bucket)?.get(namespace)
  const set = (key: StoreKey, object: JsonObject): void => {
    const bucket: Bucket = buckets.get(key.bucket) ?? new Map()
    buckets.set(key.bucket, bucket)
    const names = bucket.get(key.namespace) ?? new Map()
    bucket.set(key.namespace, names)
    names.set(key.name, object)
  }
  const drop = (key: StoreKey): void => {
    const bucket = buckets.get(key.bucket)
    const names = bucket?.get(key.namespace)
    names?.delete(key.name)
    if (names?.size === 0) bucket?.delete(key.namespace)
  }
  const record = (change: StoreChange): void => {
    changes.push(change)
    // Twice the window before the older half goes, so that a write costs constant time.
    if (changes.length >= size * 2) {
      changes = changes.slice(-size)
      compacted = (changes[0]?.revision ?? revision) - 1
    }
    for (const listener of [...listeners]) listener(change)
  }
  for (const { key, object } of options.from?.objects ?? []) set(key, deepFreeze(object))

  const list = (bucket: string, namespace?: string): readonly JsonObject[] => {
    const spaces = buckets.get(bucket)
    if (spaces === undefined) return []
    const names = namespace === undefined ? [...spaces.keys()].sort(byText) : [namespace]
    return names.flatMap((space) => sorted(spaces.get(space)))
  }

  return {
    get revision() {
      return revision
    },
    get compacted() {
      return compacted
    },
    get: (key) => at(key.bucket, key.namespace)?.get(key.name),
    list,
    listAt(wanted, bucket, namespace) {
      if (wanted < compacted || wanted > revision) return undefined
      return undo(list(bucket, namespace), changes, wanted, bucket, namespace)
    },
    put(key, object) {
      const before = at(key.bucket, key.namespace)?.get(key.name)
      revision += 1
      const stored = deepFreeze(withRevision(object, revision))
      set(key, stored)
      record({ revision, key, type: before === undefined ? 'ADDED' : 'MODIFIED', object: stored, before })
      return stored
    },
    remove(key) {
      const before = at(key.bucket, key.namespace)?.get(key.name)
      if (before === undefined) return undefined
      revision += 1
      const last = deepFreeze(withRevision(before, revision))
      drop(key)
      record({ revision, key, type: 'DELETED', object: last, before })
      return last
    },
    changesAfter(after, limit) {
      if (after < compacted) return undefined
      const start = firstAfter(changes, after)
      return changes.slice(start, start + limit)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    snapshot() {
      const objects = [...buckets].flatMap(([bucket, spaces]) =>
        [...spaces].flatMap(([namespace, names]) =>
          [...names].map(([name, object]) => ({ key: { bucket, namespace, name }, object })),
        ),
      )
      return { revision, objects }
    },
  }
}

function byText(left: string, right: string): number {
  return left < right ? -1 : left > right ? 1 : 0
}

function sorted(names: Map<string, JsonObject> | undefined): JsonObject[] {
  if (names === undefined) return []
  return [...names].sort(([left], [right]) => byText(left, right)).map(([, object]) => object)
}

/** Takes the changes after a revision back, newest first. */
function undo(
  now: readonly JsonObject[],
  changes: readonly StoreChange[],
  revision: number,
  bucket: string,
  namespace: string | undefined,
): readonly JsonObject[] {
  const later = changes.slice(firstAfter(changes, revision)).filter(({ key }) => {
    return key.bucket === bucket && (namespace === undefined || key.namespace === namespace)
  })
  if (later.length === 0) return now
  const byKey = new Map(now.map((object) => [keyOf(object), object]))
  for (const change of later.toReversed()) {
    const key = `${change.key.namespace}/${change.key.name}`
    if (change.before === undefined) byKey.delete(key)
    else byKey.set(key, change.before)
  }
  return [...byKey].sort(([left], [right]) => byText(left, right)).map(([, object]) => object)
}

/** `namespace/name`: the order of lists. */
export function keyOf(object: JsonObject): string {
  const metadata = getOwn(object, 'metadata')
  if (!isObject(metadata)) return '/'
  const { namespace, name } = metadata
  return `${typeof namespace === 'string' ? namespace : ''}/${typeof name === 'string' ? name : ''}`
}

/** Index of the first change after a revision. Revisions grow by one, but those of a loaded state need not start at one. */
function firstAfter(changes: readonly StoreChange[], revision: number): number {
  const first = changes[0]
  return first === undefined ? 0 : Math.max(0, revision + 1 - first.revision)
}

function withRevision(object: JsonObject, revision: number): JsonObject {
  const metadata = getOwn(object, 'metadata')
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), resourceVersion: String(revision) } }
}

/** What is stored is shared with every reader. */
export function deepFreeze<T extends Json>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  if (isArray(value)) for (const item of value) deepFreeze(item)
  else if (isObject(value)) for (const item of Object.values(value)) deepFreeze(item)
  return value
}
