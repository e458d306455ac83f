import { applyPatch, deepEqual, isObject, type Json, type JsonObject, strategicMerge } from '@proa/kube'
import { type Cluster, clusterOf, objectName } from '../src/cluster/cluster.ts'
import type { Change, ObjectName } from '../src/finding.ts'
import { at, isTrueAt, objectAt, objectsAt, textAt } from '../src/reading.ts'
import { objectKey } from '../src/run/order.ts'
import type { Probe, Snapshot } from '../src/snapshot/types.ts'
import { renderedOf } from '../src/subjects/rendered.ts'
import { livePods, type Subject, subjects } from '../src/subjects/subjects.ts'
import { merge } from './fixture.ts'

/**
 * The cluster some minutes after somebody made the changes: controllers have replaced the Pods of templates that changed and
 * the Pods that were deleted, through the webhooks as they are now; events, logs and conditions of before are gone.
 */
export function afterChanges(snapshot: Snapshot, changes: readonly Change[]): Snapshot {
  const objects = changes.reduce(applyChange, snapshot.objects)
  const [was, is] = [snapshot, { ...snapshot, objects }].map((one) => ({
    ...one,
    objects: one.objects.flatMap(asLater),
    probes: one.probes.flatMap(probedLater),
  }))
  return was === undefined || is === undefined ? snapshot : replacePods(was, is)
}

const isAt = (object: JsonObject, name: ObjectName): boolean => objectKey(objectName(object)) === objectKey(name)

function applyChange(objects: readonly JsonObject[], change: Change): readonly JsonObject[] {
  const found = objects.find((object) => isAt(object, change.object))
  if (change.kind === 'apply') {
    return found === undefined
      ? [...objects, change.body]
      : objects.map((object) => (object === found ? (merge(object, change.body) as JsonObject) : object))
  }
  if (found === undefined) throw new Error(`there is no ${objectKey(change.object)} to change`)
  if (change.kind === 'delete') return objects.filter((object) => object !== found)
  return objects.map((object) => (object === found ? patched(object, change.patch) : object))
}

function patched(object: JsonObject, patch: Extract<Change, { kind: 'patch' }>['patch']): JsonObject {
  if (patch.type === 'json') return applyPatch(object, patch.operations) as JsonObject
  const template = patch.type === 'strategic' ? at(patch.body, 'spec', 'template') : undefined
  if (!isObject(template)) return merge(object, patch.body) as JsonObject
  // Of all kinds that are patched so, lists with a merge key stand in the Pod template only.
  const spec = { ...objectAt(patch.body, 'spec'), template: null }
  const rest = merge(object, { ...patch.body, spec }) as JsonObject
  const merged = strategicMerge('v1.Pod', objectAt(object, 'spec', 'template'), template)
  return { ...rest, spec: { ...objectAt(rest, 'spec'), template: merged } }
}

/** What tells of the past goes: conditions of failures, who wrote a field that somebody else has written since. */
function asLater(object: JsonObject): readonly JsonObject[] {
  if (object.kind === 'Event') return []
  const failures = objectsAt(object, 'status', 'conditions').filter(({ type }) => type !== 'ReplicaFailure')
  if (failures.length === objectsAt(object, 'status', 'conditions').length) return [object]
  return [{ ...object, status: { ...objectAt(object, 'status'), conditions: failures } }]
}

/** A served chain is what it is; whether a bundle verifies it, and whether a Pod can be created, is asked again. */
function probedLater(probe: Probe): readonly Probe[] {
  if (probe.kind === 'pod-creation') return []
  const { outcome } = probe
  return [outcome.kind === 'served' ? { ...probe, outcome: { ...outcome, verifiedBy: [] } } : probe]
}

function replacePods(before: Snapshot, after: Snapshot): Snapshot {
  const [old, cluster] = [clusterOf(before), clusterOf(after)]
  const byKey = new Map(subjects(cluster).map((subject) => [objectKey(subject.object), subject]))
  const gone = new Set<JsonObject>()
  const made: JsonObject[] = []
  for (const was of subjects(old)) {
    const is = byKey.get(objectKey(was.object))
    const alive = new Set(is?.pods)
    const deleted = was.pods.filter((pod) => !alive.has(pod))
    const changed = is !== undefined && is.templatePath.length > 0 && !deepEqual(rolledOut(was), rolledOut(is))
    const replaced = changed ? livePods(is) : deleted
    for (const pod of replaced) gone.add(pod)
    if (is !== undefined && replaced.length > 0) made.push(...replaced.map((pod) => newPod(cluster, is, pod)))
  }
  const kept = after.objects.filter((object) => !gone.has(object))
  return { ...after, objects: [...kept, ...made], logs: [] }
}

/** What makes a controller replace the Pods. */
function rolledOut({ owner, template }: Subject): Json {
  return [template, isTrueAt(owner, 'spec', 'paused')]
}

/** As its controller and the webhooks make it now, in the place of the old one. */
function newPod(cluster: Cluster, subject: Subject, old: JsonObject): JsonObject {
  const result = renderedOf(cluster, subject)
  const pod = result?.outcome === 'injected' ? result.pod : subject.template
  const { name, namespace, ownerReferences } = objectAt(old, 'metadata')
  const metadata = {
    ...objectAt(pod, 'metadata'),
    name,
    namespace,
    ...(ownerReferences === undefined ? {} : { ownerReferences }),
  }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { ...metadata, uid: 'new', creationTimestamp: cluster.snapshot.takenAt } as JsonObject,
    spec: { ...objectAt(pod, 'spec'), nodeName: textAt(old, 'spec', 'nodeName') },
    status: {
      phase: 'Running',
      podIP: textAt(old, 'status', 'podIP'),
      conditions: [{ type: 'Ready', status: 'True' }],
    },
  }
}
