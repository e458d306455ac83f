import type { JsonObject } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import type { ResourceType } from '../../api/types.ts'
import type { ClusterFacts, Controller, ControllerTools, Kind } from '../controller.ts'
import { isBeingDeleted, nameOf, namespaceOf, textAt, textsAt, uidOf, withMetadata } from '../fields.ts'
import { kindOf } from '../namespaces/deletion.ts'
import { ownerReferencesOf } from '../ownership.ts'
import { listOrNone } from '../run.ts'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'
/** Deleted objects that are remembered, for owners whose kind went with them. */
const MOST_GONE = 10_000

interface ObjectIdentity extends Kind {
  readonly namespace: string
  readonly name: string
  readonly uid: string
}

const identityOf = (object: JsonObject): string =>
  JSON.stringify({
    apiVersion: textAt(object, 'apiVersion'),
    kind: textAt(object, 'kind'),
    namespace: namespaceOf(object),
    name: nameOf(object),
    uid: uidOf(object),
  } satisfies ObjectIdentity)

/** What an object's owners mean for it. */
export type OwnerVerdict = 'keep' | 'delete' | 'detach'

/**
 * An object goes when it names owners and none of them is alive; it loses the names of dead owners when others live. An
 * owner that waits for its dependents (foreground) counts as dead for those that block it.
 */
export function judge(owners: readonly { readonly alive: boolean; readonly waiting: boolean }[]): OwnerVerdict {
  if (owners.length === 0) return 'keep'
  if (owners.some((owner) => owner.alive && !owner.waiting))
    return owners.every((owner) => owner.alive) ? 'keep' : 'detach'
  return 'delete'
}

/** Removes what no living owner is left for, and lets owners go that wait for their dependents. */
export function garbageCollector(tools: ControllerTools, facts: ClusterFacts): Controller {
  const { api } = tools
  const dependents = new Map<string, Set<string>>()

  const everything = () => facts.resources().flatMap((type) => listOrNone(api, kindOf(type)))
  const index = (object: JsonObject, present: boolean) => {
    for (const reference of ownerReferencesOf(object)) {
      const uid = textAt(reference, 'uid')
      const known = dependents.get(uid) ?? new Set()
      if (present) known.add(identityOf(object))
      else known.delete(identityOf(object))
      if (known.size === 0) dependents.delete(uid)
      else dependents.set(uid, known)
    }
  }
  let indexed = false
  const indexAll = () => {
    indexed = true
    for (const object of everything()) index(object, true)
  }
  const typeOf = (reference: JsonObject): ResourceType | undefined =>
    facts
      .resources()
      .find((type) => type.kind === reference.kind && kindOf(type).apiVersion === textAt(reference, 'apiVersion'))
  const owner = (object: JsonObject, reference: JsonObject): JsonObject | undefined => {
    const type = typeOf(reference)
    if (type === undefined) return undefined
    const found = find(tools, {
      ...kindOf(type),
      name: textAt(reference, 'name'),
      namespace: type.namespaced ? namespaceOf(object) : '',
    })
    return found !== undefined && uidOf(found) === textAt(reference, 'uid') ? found : undefined
  }
  const gone = new Set<string>()
  const noteGone = (uid: string): void => {
    gone.add(uid)
    const [oldest] = gone
    if (gone.size > MOST_GONE && oldest !== undefined) gone.delete(oldest)
  }
  /** An owner of a kind that is not served cannot be looked for: as long as nobody saw it go, it counts as there. */
  const isAlive = (reference: JsonObject, found: JsonObject | undefined): boolean =>
    found !== undefined || (typeOf(reference) === undefined && !gone.has(textAt(reference, 'uid')))
  return {
    name: 'generic-garbage-collector',
    kinds: 'all',
    concerns({ object, before, type }) {
      if (!indexed) indexAll()
      if (before !== undefined) index(before, false)
      if (type === 'DELETED') noteGone(uidOf(object))
      else index(object, true)
      const own =
        type === 'DELETED' || ownerReferencesOf(object).length + textsAt(object, 'metadata', 'finalizers').length === 0
          ? []
          : [identityOf(object)]
      const isGoing = type === 'DELETED' || isBeingDeleted(object)
      // Owners that wait in the foreground are looked at when one of theirs goes.
      const owners =
        type === 'DELETED'
          ? ownerReferencesOf(object).flatMap((reference) => identityOfOwner(owner(object, reference)))
          : []
      return [...own, ...owners, ...(isGoing ? (dependents.get(uidOf(object)) ?? []) : [])]
    },
    async reconcile(key) {
      if (!indexed) indexAll()
      const identity: ObjectIdentity = JSON.parse(key)
      const object = find(tools, identity)
      if (object === undefined || uidOf(object) !== identity.uid) return undefined
      const finalizers = textsAt(object, 'metadata', 'finalizers')
      const theirs = [...(dependents.get(identity.uid) ?? [])]
      if (isBeingDeleted(object)) {
        if (finalizers.includes(ORPHAN)) await orphan(tools, object, theirs)
        else if (finalizers.includes(FOREGROUND)) await foreground(tools, object, theirs)
        return undefined
      }
      const references = ownerReferencesOf(object)
      const owners = references.map((reference) => ({ reference, object: owner(object, reference) }))
      const judged = owners.map((each) => ({
        ...each,
        alive: isAlive(each.reference, each.object),
        waiting: each.object !== undefined && waits(each.object),
      }))
      switch (judge(judged)) {
        case 'keep':
          return undefined
        case 'detach': {
          const living = judged.filter((each) => each.alive).map((each) => each.reference)
          await api.update(withMetadata(object, { ownerReferences: living }))
          return undefined
        }
        case 'delete': {
          const blocking = judged.some((each) => each.waiting) && theirs.length > 0
          await remove(tools, object, finalizers.includes(ORPHAN) ? 'Orphan' : blocking ? 'Foreground' : 'Background')
          return undefined
        }
      }
    },
  }
}

function identityOfOwner(owner: JsonObject | undefined): readonly string[] {
  return owner !== undefined && waits(owner) ? [identityOf(owner)] : []
}

/** The owner is being deleted in the foreground: it waits until its dependents are gone. */
function waits(owner: JsonObject): boolean {
  return isBeingDeleted(owner) && textsAt(owner, 'metadata', 'finalizers').includes(FOREGROUND)
}

function find(
  tools: ControllerTools,
  key: Kind & { readonly name: string; readonly namespace: string },
): JsonObject | undefined {
  try {
    return tools.api.find(key)
  } catch {
    // A kind that is not served: its objects are not there.
    return undefined
  }
}

async function remove(
  tools: ControllerTools,
  object: JsonObject,
  propagationPolicy: 'Background' | 'Foreground' | 'Orphan',
) {
  const key = {
    apiVersion: textAt(object, 'apiVersion'),
    kind: textAt(object, 'kind'),
    name: nameOf(object),
    namespace: namespaceOf(object),
  }
  try {
    await tools.api.delete(key, { propagationPolicy, preconditions: { uid: uidOf(object) } })
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error
  }
}

/** `kubectl delete --cascade=orphan`: the dependents lose their owner and stay. */
async function orphan(tools: ControllerTools, owner: JsonObject, dependents: readonly string[]): Promise<void> {
  for (const key of dependents) {
    const dependent = find(tools, JSON.parse(key) as ObjectIdentity)
    if (dependent === undefined) continue
    const rest = ownerReferencesOf(dependent).filter((reference) => textAt(reference, 'uid') !== uidOf(owner))
    await tools.api.update(withMetadata(dependent, { ownerReferences: rest.length === 0 ? undefined : rest }))
  }
  await withoutFinalizer(tools, owner, ORPHAN)
}

/** `--cascade=foreground`: the dependents go first. Those that do not block are not waited for. */
async function foreground(tools: ControllerTools, owner: JsonObject, dependents: readonly string[]): Promise<void> {
  const living = dependents
    .map((key) => find(tools, JSON.parse(key) as ObjectIdentity))
    .filter((each) => each !== undefined)
  const blocks = (dependent: JsonObject) =>
    ownerReferencesOf(dependent).some(
      (reference) => textAt(reference, 'uid') === uidOf(owner) && reference.blockOwnerDeletion === true,
    )
  if (!living.some(blocks)) await withoutFinalizer(tools, owner, FOREGROUND)
}

async function withoutFinalizer(tools: ControllerTools, object: JsonObject, finalizer: string): Promise<void> {
  const rest = textsAt(object, 'metadata', 'finalizers').filter((other) => other !== finalizer)
  await tools.api.update(withMetadata(object, { finalizers: rest.length === 0 ? undefined : rest }))
}
