import type { JsonObject } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import type { ClusterFacts, Controller, ControllerTools, Kind } from '../controller.ts'
import { isBeingDeleted, nameOf, namespaceOf, textAt, textsAt, uidOf, withMetadata } from '../fields.ts'
import { kindOf } from '../namespaces/deletion.ts'
import { ownerReferencesOf } from '../ownership.ts'
import { listOrNone } from '../run.ts'
import { findServed, ownerLookup } from './owners.ts'

const ORPHAN = 'orphan'
const FOREGROUND = 'foregroundDeletion'

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
  const owners = ownerLookup(tools, facts)
  return {
    name: 'generic-garbage-collector',
    kinds: 'all',
    concerns({ object, before, type }) {
      if (!indexed) indexAll()
      if (before !== undefined) index(before, false)
      if (type === 'DELETED') owners.noteGone(uidOf(object))
      else index(object, true)
      const own =
        type === 'DELETED' || ownerReferencesOf(object).length + textsAt(object, 'metadata', 'finalizers').length === 0
          ? []
          : [identityOf(object)]
      const isGoing = type === 'DELETED' || isBeingDeleted(object)
      // Owners that wait in the foreground are looked at when one of theirs goes.
      const waiting =
        type === 'DELETED'
          ? ownerReferencesOf(object).flatMap((reference) => identityOfOwner(owners.find(object, reference)))
          : []
      return [...own, ...waiting, ...(isGoing ? (dependents.get(uidOf(object)) ?? []) : [])]
    },
    async reconcile(key) {
      if (!indexed) indexAll()
      const identity: ObjectIdentity = JSON.parse(key)
      const object = findServed(tools, identity)
      if (object === undefined || uidOf(object) !== identity.uid) return undefined
      const finalizers = textsAt(object, 'metadata', 'finalizers')
      const theirs = [...(dependents.get(identity.uid) ?? [])]
      if (isBeingDeleted(object)) {
        if (finalizers.includes(ORPHAN)) await orphan(tools, object, theirs)
        else if (finalizers.includes(FOREGROUND)) await foreground(tools, object, theirs)
        return undefined
      }
      const judged = ownerReferencesOf(object).map((reference) => {
        const found = owners.find(object, reference)
        const alive = owners.isAlive(reference, found)
        return { reference, alive, waiting: found !== undefined && waits(found) }
      })
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
    const dependent = findServed(tools, JSON.parse(key) as ObjectIdentity)
    if (dependent === undefined) continue
    const rest = ownerReferencesOf(dependent).filter((reference) => textAt(reference, 'uid') !== uidOf(owner))
    await tools.api.update(withMetadata(dependent, { ownerReferences: rest.length === 0 ? undefined : rest }))
  }
  await withoutFinalizer(tools, owner, ORPHAN)
}

/** `--cascade=foreground`: the dependents go first. Those that do not block are not waited for. */
async function foreground(tools: ControllerTools, owner: JsonObject, dependents: readonly string[]): Promise<void> {
  const living = dependents
    .map((key) => findServed(tools, JSON.parse(key) as ObjectIdentity))
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
