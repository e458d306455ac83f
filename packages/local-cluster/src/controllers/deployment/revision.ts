import type { JsonObject } from '@proa/kube'
import { annotationsOf, createdAt, labelsOf, nameOf, objectAt, sameJson } from '../fields.ts'

export const HASH_LABEL = 'pod-template-hash'
const PREFIX = 'deployment.kubernetes.io/'
export const REVISION = `${PREFIX}revision`
const REVISION_HISTORY = `${PREFIX}revision-history`
export const DESIRED_REPLICAS = `${PREFIX}desired-replicas`
export const MAX_REPLICAS = `${PREFIX}max-replicas`

/** Annotations of a Deployment that its ReplicaSets do not get. */
const NOT_COPIED = new Set([
  'kubectl.kubernetes.io/last-applied-configuration',
  REVISION,
  REVISION_HISTORY,
  DESIRED_REPLICAS,
  MAX_REPLICAS,
  'deprecated.deployment.rollback.to',
])

export function revisionOf(object: JsonObject): number {
  return Number(annotationsOf(object)[REVISION] ?? 0) || 0
}

/** Oldest first; by name where the second is the same. */
export function byAge(sets: readonly JsonObject[]): readonly JsonObject[] {
  return [...sets].sort((a, b) => compare(createdAt(a), createdAt(b)) || compare(nameOf(a), nameOf(b)))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** The Pod template without the label that only a ReplicaSet has. */
export function templateOf(owner: JsonObject): JsonObject {
  const template = objectAt(owner, 'spec', 'template')
  const { [HASH_LABEL]: _hash, ...labels } = labelsOf(template)
  const { creationTimestamp: _created, ...metadata } = objectAt(template, 'metadata')
  return { ...template, metadata: { ...metadata, labels } }
}

/** The ReplicaSet that has the Deployment's template: the oldest, if somebody made several. */
export function findNewSet(deployment: JsonObject, sets: readonly JsonObject[]): JsonObject | undefined {
  const template = templateOf(deployment)
  return byAge(sets).find((set) => sameJson(templateOf(set), template))
}

/** The annotations of the new ReplicaSet: those of the Deployment, and its number, which goes up when it is taken again. */
export function newSetAnnotations(deployment: JsonObject, set: JsonObject | undefined, revision: number): JsonObject {
  const before = set === undefined ? {} : annotationsOf(set)
  const copied = Object.entries(annotationsOf(deployment)).filter(([key]) => !NOT_COPIED.has(key))
  const current = Number(before[REVISION] ?? 0) || 0
  if (current >= revision) return { ...before, ...Object.fromEntries(copied) }
  const history = [before[REVISION_HISTORY], current === 0 ? undefined : String(current)].filter(Boolean)
  return {
    ...before,
    ...Object.fromEntries(copied),
    [REVISION]: String(revision),
    ...(history.length === 0 ? {} : { [REVISION_HISTORY]: history.join(',') }),
  }
}
