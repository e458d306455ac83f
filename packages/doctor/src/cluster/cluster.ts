import { isArray, isObject, type JsonObject } from '@proa/kube'
import type { ObjectName } from '../finding.ts'
import { nameOf, namespaceOf, textAt } from '../reading.ts'
import { KINDS, type Kind, kindOf } from '../snapshot/kinds.ts'
import type { ContainerLog, Probe, Snapshot, Unread } from '../snapshot/types.ts'

/**
 * A snapshot that can be asked. Everything that is derived from it (injectors, subjects, certificates …) is worked out by
 * functions made with `remembered`, when first needed.
 */
export interface Cluster {
  readonly snapshot: Snapshot
  /** When the snapshot was taken. */
  readonly now: Date
  /** All objects of a kind by namespace and name, as API servers list them, whatever their order in the snapshot. */
  all(kind: Kind): readonly JsonObject[]
  inNamespace(kind: Kind, namespace: string): readonly JsonObject[]
  /** By name; `namespace` is "" for cluster-scoped kinds. */
  find(kind: Kind, namespace: string, name: string): JsonObject | undefined
  /** Objects that a controller reference of which points to this uid. */
  ownedBy(kind: Kind, uid: string): readonly JsonObject[]
  /**
   * Why the objects of a kind (of one namespace) are not known; `undefined` when they are, so that their absence from the
   * snapshot means that they do not exist.
   */
  unread(kind: Kind, namespace?: string): Unread | undefined
  readonly probes: readonly Probe[]
  readonly logs: readonly ContainerLog[]
}

interface KindIndex {
  readonly all: JsonObject[]
  readonly namespaces: Map<string, JsonObject[]>
  readonly names: Map<string, JsonObject>
  owners: Map<string, JsonObject[]> | undefined
}

/** Reads the whole snapshot once. Objects of kinds that no check looks at, or without a name, are passed over. */
export function clusterOf(snapshot: Snapshot): Cluster {
  const kinds = indexObjects(snapshot.objects)
  return {
    snapshot,
    now: new Date(snapshot.takenAt),
    all: (kind) => kinds.get(kind)?.all ?? [],
    inNamespace: (kind, namespace) => kinds.get(kind)?.namespaces.get(namespace) ?? [],
    find: (kind, namespace, name) => kinds.get(kind)?.names.get(`${namespace}/${name}`),
    ownedBy(kind, uid) {
      const index = kinds.get(kind)
      if (index === undefined || uid === '') return []
      index.owners ??= indexOwners(index.all)
      return index.owners.get(uid) ?? []
    },
    unread: (kind, namespace) => unreadOf(snapshot, kind, namespace),
    probes: snapshot.probes,
    logs: snapshot.logs,
  }
}

function indexObjects(objects: readonly JsonObject[]): Map<Kind, KindIndex> {
  const kinds = new Map<Kind, KindIndex>()
  for (const object of objects) {
    const kind = kindOf(textAt(object, 'apiVersion'), textAt(object, 'kind'))
    const name = nameOf(object)
    if (kind === undefined || name === '') continue
    const index = entry(
      kinds,
      kind,
      (): KindIndex => ({ all: [], namespaces: new Map(), names: new Map(), owners: undefined }),
    )
    const namespace = KINDS[kind].namespaced ? namespaceOf(object) || 'default' : ''
    const key = `${namespace}/${name}`
    // The same object twice (a file given twice, two files of one archive): the first one stands.
    if (index.names.has(key)) continue
    index.names.set(key, object)
    index.all.push(object)
    entry(index.namespaces, namespace, () => []).push(object)
  }
  for (const index of kinds.values()) sort(index)
  return kinds
}

/** The same objects give the same report, in whatever order files or lists have them. */
function sort({ all, namespaces }: KindIndex): void {
  const key = new Map(all.map((object) => [object, `${namespaceOf(object)}\0${nameOf(object)}`]))
  const compare = (a: JsonObject, b: JsonObject): number => {
    const [left = '', right = ''] = [key.get(a), key.get(b)]
    return left < right ? -1 : left > right ? 1 : 0
  }
  all.sort(compare)
  for (const objects of namespaces.values()) objects.sort(compare)
}

function indexOwners(objects: readonly JsonObject[]): Map<string, JsonObject[]> {
  const owners = new Map<string, JsonObject[]>()
  for (const object of objects) {
    const uid = textAt(controllerOf(object), 'uid')
    if (uid !== '') entry(owners, uid, () => []).push(object)
  }
  return owners
}

/** The owner reference of the controller, if there is one. */
export function controllerOf(object: JsonObject): JsonObject | undefined {
  const metadata = object.metadata
  const references = isObject(metadata) ? metadata.ownerReferences : undefined
  if (!isArray(references)) return undefined
  return references.filter(isObject).find((reference) => reference.controller === true)
}

/** Reasons that leave open whether there are objects. */
function unreadOf(snapshot: Snapshot, kind: Kind, namespace: string | undefined): Unread | undefined {
  const facts = KINDS[kind]
  return snapshot.unread.find(
    (one) =>
      one.reason !== 'not-served' &&
      one.name === undefined &&
      kindOf(one.apiVersion, one.kind) === kind &&
      (one.namespace === undefined || !facts.namespaced || one.namespace === namespace),
  )
}

function entry<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** A function of a cluster that is worked out once per cluster. */
export function remembered<T>(derive: (cluster: Cluster) => T): (cluster: Cluster) => T {
  const known = new WeakMap<Cluster, { readonly value: T }>()
  return (cluster) => {
    const found = known.get(cluster)
    if (found !== undefined) return found.value
    const value = derive(cluster)
    known.set(cluster, { value })
    return value
  }
}

/** How findings name an object. */
export function objectName(object: JsonObject): ObjectName & { readonly apiVersion: string } {
  const namespace = namespaceOf(object)
  return {
    apiVersion: textAt(object, 'apiVersion'),
    kind: textAt(object, 'kind'),
    ...(namespace === '' ? {} : { namespace }),
    name: nameOf(object),
  }
}
