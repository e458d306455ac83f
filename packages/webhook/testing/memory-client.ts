import { applyPatch, getOwn, isObject, type JsonObject } from '@proa/kube'
import { type KubeClient, type ListRef, type ObjectRef, StatusError, type WatchEvent } from '@proa/kube-client'

/** An API server's storage, as far as certificates need it: versions, conflicts, watches, label and name selectors. */
export interface MemoryCluster {
  readonly client: KubeClient
  /** A client whose requests fail while `broken` is set. */
  broken: Error | undefined
  /** What `kubectl` of somebody else does. */
  put(object: JsonObject): JsonObject
  remove(ref: ObjectRef): void
  find(ref: ObjectRef): JsonObject | undefined
  readonly writes: number
}

/** @param now the clock by which writes are noted down in managedFields; default: they are not */
export function memoryCluster(now?: () => Date): MemoryCluster {
  const objects = new Map<string, JsonObject>()
  const watchers = new Set<(event: WatchEvent) => void>()
  let version = 0
  let writes = 0
  let broken: Error | undefined

  const tell = (event: WatchEvent): void => {
    for (const watcher of [...watchers]) watcher(event)
  }
  function store(object: JsonObject): JsonObject {
    version += 1
    const key = keyOf(refOf(object))
    const type = objects.has(key) ? 'MODIFIED' : 'ADDED'
    const noted = now === undefined ? {} : { managedFields: [{ manager: 'somebody', time: now().toISOString() }] }
    const stored = { ...object, metadata: { ...metadataOf(object), ...noted, resourceVersion: String(version) } }
    objects.set(key, stored)
    tell({ type, object: stored })
    return stored
  }
  function remove(ref: ObjectRef): void {
    const object = objects.get(keyOf(ref))
    if (object === undefined) return
    version += 1
    objects.delete(keyOf(ref))
    tell({ type: 'DELETED', object })
  }
  function existing(ref: ObjectRef): JsonObject {
    const object = objects.get(keyOf(ref))
    if (object === undefined) throw refused(404, 'NotFound', `${ref.kind} "${ref.name}" not found`)
    return object
  }
  /** As the API server: a version that is given has to be the newest. */
  function update(before: JsonObject, after: JsonObject): JsonObject {
    const wanted = metadataOf(after).resourceVersion
    if (wanted !== undefined && wanted !== metadataOf(before).resourceVersion)
      throw refused(409, 'Conflict', 'the object has been modified')
    writes += 1
    return store(after)
  }
  // A request takes a turn of the event loop, so that replicas come in between each other.
  const answer = async <T>(act: () => T): Promise<T> => {
    await new Promise(setImmediate)
    if (broken !== undefined) throw broken
    return act()
  }
  const listed = (ref: ListRef): JsonObject[] => [...objects.values()].filter((object) => selected(object, ref))

  const client: KubeClient = {
    server: 'https://memory',
    get: (ref) => answer(() => existing(ref)),
    find: (ref) => answer(() => objects.get(keyOf(ref))),
    list: (ref) => answer(() => ({ items: listed(ref), resourceVersion: String(version) })),
    create: (object) =>
      answer(() => {
        if (objects.has(keyOf(refOf(object)))) throw refused(409, 'AlreadyExists', 'it exists already')
        writes += 1
        return store(object)
      }),
    replace: (object) => answer(() => update(existing(refOf(object)), object)),
    patch: (ref, patch) =>
      answer(() => {
        const before = existing(ref)
        const after = patch.type === 'json' ? applyPatch(before, patch.operations) : merged(before, patch.body)
        return update(before, after as JsonObject)
      }),
    apply: () => Promise.reject(new Error('not here')),
    delete: (ref) =>
      answer(() => {
        remove(ref)
        return true
      }),
    watch: (ref, signal) => watchFrom(ref, signal, watchers),
    request: () => Promise.reject(new Error('not here')),
    text: () => Promise.reject(new Error('not here')),
    portForward: () => Promise.reject(new Error('not here')),
    takeWarnings: () => [],
    close: () => undefined,
  }
  return {
    client,
    put: store,
    remove,
    find: (ref) => objects.get(keyOf(ref)),
    get broken() {
      return broken
    },
    set broken(error) {
      broken = error
    },
    get writes() {
      return writes
    },
  }
}

/** Begins with the next change; what happened since the list is lost only when nobody waits in between. */
async function* watchFrom(
  ref: ListRef,
  signal: AbortSignal,
  watchers: Set<(event: WatchEvent) => void>,
): AsyncGenerator<WatchEvent> {
  const queue: WatchEvent[] = []
  let wake = (): void => undefined
  const watcher = (event: WatchEvent): void => {
    if (event.type === 'BOOKMARK' || !selected(event.object, ref)) return
    queue.push(event)
    wake()
  }
  watchers.add(watcher)
  const end = (): void => wake()
  signal.addEventListener('abort', end)
  try {
    while (!signal.aborted) {
      const event = queue.shift()
      if (event !== undefined) yield event
      else {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
    }
  } finally {
    watchers.delete(watcher)
    signal.removeEventListener('abort', end)
  }
}

function refused(code: number, reason: string, message: string): StatusError {
  return new StatusError(message, code, reason, {})
}

function metadataOf(object: JsonObject): JsonObject {
  const metadata = getOwn(object, 'metadata')
  return isObject(metadata) ? metadata : {}
}

function refOf(object: JsonObject): ObjectRef {
  const { name, namespace } = metadataOf(object)
  const ref = { apiVersion: String(object.apiVersion), kind: String(object.kind), name: String(name) }
  return typeof namespace === 'string' ? { ...ref, namespace } : ref
}

function keyOf({ kind, namespace = '', name }: ObjectRef): string {
  return [kind, namespace, name].join('/')
}

function selected(object: JsonObject, { kind, namespace, labelSelector, fieldSelector }: ListRef): boolean {
  const metadata = metadataOf(object)
  const labels = getOwn(metadata, 'labels')
  const [label = '', value] = labelSelector?.split('=') ?? []
  return (
    object.kind === kind &&
    (namespace === undefined || metadata.namespace === namespace) &&
    (labelSelector === undefined || (isObject(labels) && getOwn(labels, label) === value)) &&
    (fieldSelector === undefined || fieldSelector === `metadata.name=${String(metadata.name)}`)
  )
}

function merged(before: JsonObject, patch: JsonObject): JsonObject {
  const entries = Object.entries(patch).map(([key, value]): [string, JsonObject[string]] => {
    const old = getOwn(before, key)
    return [key, isObject(value) ? merged(isObject(old) ? old : {}, value) : value]
  })
  return { ...before, ...Object.fromEntries(entries) }
}
