import { type JsonObject, parseLabelSelector, selectorMatches } from '@proa/kube'
import type { ClusterApi } from '../api/types.ts'
import type { Kind } from './controller.ts'
import {
  isBeingDeleted,
  labelsOf,
  nameOf,
  namespaceOf,
  objectAt,
  objectsAt,
  textAt,
  uidOf,
  withMetadata,
} from './fields.ts'

/** The owner reference of a controller, as `metav1.NewControllerRef` writes it. */
export function controllerReference(owner: JsonObject): JsonObject {
  return {
    apiVersion: textAt(owner, 'apiVersion'),
    kind: textAt(owner, 'kind'),
    name: nameOf(owner),
    uid: uidOf(owner),
    controller: true,
    blockOwnerDeletion: true,
  }
}

export function ownerReferencesOf(object: JsonObject): readonly JsonObject[] {
  return objectsAt(object, 'metadata', 'ownerReferences')
}

export function controllerOf(object: JsonObject): JsonObject | undefined {
  return ownerReferencesOf(object).find((reference) => reference.controller === true)
}

export function isControlledBy(object: JsonObject, owner: JsonObject): boolean {
  const reference = controllerOf(object)
  return reference !== undefined && textAt(reference, 'uid') === uidOf(owner)
}

/** Keys of the owner of that kind, if the object has one: what its controller has to look at after a change of it. */
export function ownerKeys(object: JsonObject, owner: Kind): readonly string[] {
  const reference = controllerOf(object)
  if (reference === undefined || textAt(reference, 'kind') !== owner.kind) return []
  return [`${namespaceOf(object)}/${textAt(reference, 'name')}`]
}

export interface ClaimOptions {
  readonly api: ClusterApi
  readonly owner: JsonObject
  /** A Job matches by a selector too; a StatefulSet wants the name to fit as well. */
  readonly matches: (object: JsonObject) => boolean
  /** Whether an object without a controller may be taken. */
  readonly adopts: (object: JsonObject) => boolean
}

/** Whether an owner of Pods selects that one. */
export function selects(owner: JsonObject, pod: JsonObject): boolean {
  const selector = objectAt(owner, 'spec', 'selector')
  return matchesSelector(owner.kind === 'ReplicationController' ? { matchLabels: selector } : selector)(pod)
}

export function matchesSelector(selector: JsonObject): (object: JsonObject) => boolean {
  const parsed = parseLabelSelector(selector)
  return (object) => selectorMatches(parsed, labelsOf(object))
}

/**
 * The objects that belong to the owner: its own that still match, and matching ones without a controller, which are
 * adopted. Its own that match no longer are released. As kube-controller-manager's `ControllerRefManager`.
 */
export async function claim(candidates: readonly JsonObject[], options: ClaimOptions): Promise<readonly JsonObject[]> {
  const { api, owner } = options
  const claimed: JsonObject[] = []
  for (const candidate of candidates) {
    const reference = controllerOf(candidate)
    if (reference !== undefined) {
      if (textAt(reference, 'uid') !== uidOf(owner)) continue
      if (options.matches(candidate)) claimed.push(candidate)
      else if (!isBeingDeleted(owner)) await api.update(released(candidate, owner))
    } else if (
      !isBeingDeleted(owner) &&
      !isBeingDeleted(candidate) &&
      options.matches(candidate) &&
      options.adopts(candidate)
    ) {
      const references = [...ownerReferencesOf(candidate), controllerReference(owner)]
      claimed.push(await api.update(withMetadata(candidate, { ownerReferences: references })))
    }
  }
  return claimed
}

function released(object: JsonObject, owner: JsonObject): JsonObject {
  const rest = ownerReferencesOf(object).filter((reference) => textAt(reference, 'uid') !== uidOf(owner))
  return withMetadata(object, { ownerReferences: rest.length === 0 ? undefined : rest })
}
