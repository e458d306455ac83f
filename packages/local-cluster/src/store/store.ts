import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { freeze, weigh } from './freeze.ts'
import { createHistory } from './history.ts'
import { byText, type SortedObjects, sortedObjects } from './sorted-objects.ts'

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
  /** How much memory the changes may keep alive, roughly in bytes. Default 256 MiB. */
  readonly windowBytes?: number
  readonly from?: StoreSnapshot
}

type Bucket = Map<string, SortedObjects>

export function createStore(options: StoreOptions = {}): Store {
  const history = createHistory(options)
  const buckets = new Map<string, Bucket>()
  const listeners = new Set<(change: StoreChange) => void>()
  let revision = options.from?.revision ?? 0

  const at = (bucket: string, namespace: string): SortedObjects | undefined => buckets.get(bucket)?.get(namespace)
  const set = (key: StoreKey, object: JsonObject): void => {
    const bucket: Bucket = buckets.get(key.bucket) ?? new Map()
    buckets.set(key.bucket, bucket)
    const names = bucket.get(key.namespace) ?? sortedObjects()
    bucket.set(key.namespace, names)
    names.set(key.name, object)
  }
  const drop = (key: StoreKey): void => {
    const bucket = buckets.get(key.bucket)
    const names = bucket?.get(key.namespace)
    names?.delete(key.name)
    if (names?.size === 0) bucket?.delete(key.namespace)
  }
  const record = (change: StoreChange, bytes: number): void => {
    history.add(change, bytes)
    for (const listener of [...listeners]) listener(change)
  }
  for (const { key, object } of options.from?.objects ?? []) {
    freeze(object)
    set(key, object)
  }

  const list = (bucket: string, namespace?: string): readonly JsonObject[] => {
    const spaces = buckets.get(bucket)
    if (spaces === undefined) return []
    if (namespace !== undefined) return spaces.get(namespace)?.all() ?? []
    return [...spaces.keys()].sort(byText).flatMap((space) => spaces.get(space)?.all() ?? [])
  }

  return {
    get revision() {
      return revision
    },
    get compacted() {
      return history.compacted
    },
    get: (key) => at(key.bucket, key.namespace)?.get(key.name),
    list,
    listAt(wanted, bucket, namespace) {
      if (wanted < history.compacted || wanted > revision) return undefined
      return undo(list(bucket, namespace), history.after(wanted), bucket, namespace)
    },
    put(key, object) {
      const before = at(key.bucket, key.namespace)?.get(key.name)
      revision += 1
      const stored = withRevision(object, revision)
      const bytes = freeze(stored)
      set(key, stored)
      record({ revision, key, type: before === undefined ? 'ADDED' : 'MODIFIED', object: stored, before }, bytes)
      return stored
    },
    remove(key) {
      const before = at(key.bucket, key.namespace)?.get(key.name)
      if (before === undefined) return undefined
      revision += 1
      const last = withRevision(before, revision)
      freeze(last)
      drop(key)
      // From now on the history alone keeps the object alive.
      record({ revision, key, type: 'DELETED', object: last, before }, weigh(before))
      return last
    },
    changesAfter(after, limit) {
      return after < history.compacted ? undefined : history.after(after, limit)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    snapshot() {
      const objects = [...buckets].flatMap(([bucket, spaces]) =>
        [...spaces].flatMap(([namespace, names]) =>
          names.all().map((object) => ({ key: { bucket, namespace, name: nameIn(object) }, object })),
        ),
      )
      return { revision, objects }
    },
  }
}

/** Takes the changes after a revision back, newest first. */
function undo(
  now: readonly JsonObject[],
  changes: readonly StoreChange[],
  bucket: string,
  namespace: string | undefined,
): readonly JsonObject[] {
  const later = changes.filter(({ key }) => {
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

function withRevision(object: JsonObject, revision: number): JsonObject {
  const metadata = getOwn(object, 'metadata')
  return { ...object, metadata: { ...(isObject(metadata) ? metadata : {}), resourceVersion: String(revision) } }
}

function nameIn(object: JsonObject): string {
  const key = keyOf(object)
  return key.slice(key.indexOf('/') + 1)
}
