import type { JsonObject } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import { timestamp } from '../clock.ts'
import { type ControllerTools, DEPLOYMENT, REPLICA_SET } from '../controller.ts'
import {
  annotationsOf,
  keyOf,
  labelsOf,
  nameOf,
  namespaceOf,
  numberAt,
  objectAt,
  objectsAt,
  sameJson,
  splitKey,
  textAt,
  withMetadata,
} from '../fields.ts'
import { controllerReference, isControlledBy } from '../ownership.ts'
import { conditionOf } from '../pods/facts.ts'
import { templateHash } from '../template-hash.ts'
import { type Limits, nextNewReplicas } from './replica-counts.ts'
import {
  DESIRED_REPLICAS,
  findNewSet,
  HASH_LABEL,
  MAX_REPLICAS,
  newSetAnnotations,
  REVISION,
  revisionOf,
  templateOf,
} from './revision.ts'
import { hasDeadline, withCondition } from './status.ts'

export const replicasOf = (object: JsonObject) => numberAt(object, 0, 'spec', 'replicas')
export const wantedReplicas = (deployment: JsonObject) => numberAt(deployment, 1, 'spec', 'replicas')
export const isRecreate = (deployment: JsonObject) => textAt(deployment, 'spec', 'strategy', 'type') === 'Recreate'

/** The Deployment as it is now, which may be newer than the one this look began with. */
function newest(tools: ControllerTools, deployment: JsonObject): JsonObject {
  return tools.api.find({ ...DEPLOYMENT, ...splitKey(keyOf(deployment)) }) ?? deployment
}

/** The ReplicaSet of the current template, made when there is none and `create` says so; its number is brought up to date. */
export async function syncNewSet(
  tools: ControllerTools,
  deployment: JsonObject,
  sets: readonly JsonObject[],
  limits: Limits,
  create: boolean,
): Promise<JsonObject | undefined> {
  const existing = findNewSet(deployment, sets)
  const others = sets.filter((set) => set !== existing)
  const revision = Math.max(0, ...others.map(revisionOf)) + 1
  if (existing !== undefined) {
    const annotated = withMetadata(existing, { annotations: newSetAnnotations(deployment, existing, revision) })
    const minReady = numberAt(deployment, 0, 'spec', 'minReadySeconds')
    const wanted = {
      ...annotated,
      spec: { ...objectAt(annotated, 'spec'), ...(minReady === 0 ? {} : { minReadySeconds: minReady }) },
    }
    const set = sameJson(wanted, existing) ? existing : await tools.api.update(wanted)
    await note(tools, deployment, revisionOf(set), 'FoundNewReplicaSet', `Found new replica set "${nameOf(set)}"`)
    return set
  }
  if (!create) return undefined
  const created = await createSet(tools, deployment, sets, limits, revision)
  const message = `Created new replica set "${nameOf(created)}"`
  await note(tools, deployment, revision, 'NewReplicaSetCreated', message)
  return created
}

/** Writes the number to the Deployment, and the first condition Progressing (a new ReplicaSet always renews it). */
async function note(tools: ControllerTools, deployment: JsonObject, revision: number, reason: string, message: string) {
  let current = newest(tools, deployment)
  if (annotationsOf(current)[REVISION] !== String(revision)) {
    const annotations = { ...annotationsOf(current), [REVISION]: String(revision) }
    current = await tools.api.update(withMetadata(current, { annotations }))
  }
  if (!hasDeadline(current)) return
  if (reason === 'FoundNewReplicaSet' && conditionOf(current, 'Progressing') !== undefined) return
  await setProgressing(tools, current, 'True', reason, message)
}

export async function setProgressing(
  tools: ControllerTools,
  deployment: JsonObject,
  status: 'True' | 'False' | 'Unknown',
  reason: string,
  message: string,
): Promise<void> {
  const current = newest(tools, deployment)
  const before = objectsAt(current, 'status', 'conditions')
  const now = timestamp(tools.clock.now())
  const conditions = withCondition(before, { type: 'Progressing', status, reason, message }, now)
  if (conditions === before) return
  await tools.api.update(
    { ...current, status: { ...objectAt(current, 'status'), conditions } },
    { subresource: 'status' },
  )
}

async function createSet(
  tools: ControllerTools,
  deployment: JsonObject,
  sets: readonly JsonObject[],
  limits: Limits,
  revision: number,
): Promise<JsonObject> {
  const set = newSetOf(deployment, sets, limits, revision)
  try {
    const created = await tools.api.create(set)
    if (replicasOf(created) > 0) {
      const message = `Scaled up replica set ${nameOf(created)} from 0 to ${replicasOf(created)}`
      tools.recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message)
    }
    return created
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    if (error.reason === 'AlreadyExists') return await afterCollision(tools, deployment, set)
    const message = `Failed to create new replica set "${nameOf(set)}": ${error.message}`
    tools.recorder.event(deployment, 'Warning', 'ReplicaSetCreateError', message)
    if (hasDeadline(deployment)) await setProgressing(tools, deployment, 'False', 'ReplicaSetCreateError', message)
    throw error
  }
}

/** Another ReplicaSet has the name: ours after all, or another hash is needed. */
async function afterCollision(tools: ControllerTools, deployment: JsonObject, set: JsonObject): Promise<JsonObject> {
  const other = tools.api.find({ ...REPLICA_SET, ...splitKey(keyOf(set)) })
  if (other !== undefined && isControlledBy(other, deployment) && sameJson(templateOf(other), templateOf(set)))
    return other
  const current = newest(tools, deployment)
  const collisionCount = numberAt(current, 0, 'status', 'collisionCount') + 1
  const status = { ...objectAt(current, 'status'), collisionCount }
  await tools.api.update({ ...current, status }, { subresource: 'status' })
  throw new ApiError(409, 'Conflict', `replica set "${nameOf(set)}" belongs to something else`)
}

function newSetOf(deployment: JsonObject, sets: readonly JsonObject[], limits: Limits, revision: number): JsonObject {
  const template = objectAt(deployment, 'spec', 'template')
  const collisions = objectAt(deployment, 'status').collisionCount
  const hash = templateHash(template, typeof collisions === 'number' ? collisions : undefined)
  const labels = { ...labelsOf(template), [HASH_LABEL]: hash }
  const selector = objectAt(deployment, 'spec', 'selector')
  const wanted = wantedReplicas(deployment)
  const minReady = numberAt(deployment, 0, 'spec', 'minReadySeconds')
  const current = sets.reduce((sum, set) => sum + replicasOf(set), 0)
  return {
    ...REPLICA_SET,
    metadata: {
      name: `${nameOf(deployment)}-${hash}`,
      namespace: namespaceOf(deployment),
      labels,
      annotations: {
        ...newSetAnnotations(deployment, undefined, revision),
        [DESIRED_REPLICAS]: String(wanted),
        [MAX_REPLICAS]: String(wanted + limits.maxSurge),
      },
      ownerReferences: [controllerReference(deployment)],
    },
    spec: {
      replicas: isRecreate(deployment) ? wanted : nextNewReplicas(wanted, limits, 0, current),
      ...(minReady === 0 ? {} : { minReadySeconds: minReady }),
      selector: { ...selector, matchLabels: { ...objectAt(selector, 'matchLabels'), [HASH_LABEL]: hash } },
      template: { ...template, metadata: { ...objectAt(template, 'metadata'), labels } },
    },
  }
}

/** Brings a ReplicaSet to that many replicas and tells of it. Returns the set as it is then, and whether it was scaled. */
export async function scaleSet(
  tools: ControllerTools,
  deployment: JsonObject,
  set: JsonObject,
  replicas: number,
  limits: Limits,
): Promise<{ readonly set: JsonObject; readonly scaled: boolean }> {
  const before = replicasOf(set)
  const wanted = wantedReplicas(deployment)
  const annotations = {
    ...annotationsOf(set),
    [DESIRED_REPLICAS]: String(wanted),
    [MAX_REPLICAS]: String(wanted + limits.maxSurge),
  }
  if (before === replicas && sameJson(annotations, annotationsOf(set))) return { set, scaled: false }
  const changed = { ...withMetadata(set, { annotations }), spec: { ...objectAt(set, 'spec'), replicas } }
  const updated = await tools.api.update(changed)
  if (before === replicas) return { set: updated, scaled: false }
  const direction = before < replicas ? 'up' : 'down'
  const message = `Scaled ${direction} replica set ${nameOf(set)} from ${before} to ${replicas}`
  tools.recorder.event(deployment, 'Normal', 'ScalingReplicaSet', message)
  return { set: updated, scaled: true }
}
