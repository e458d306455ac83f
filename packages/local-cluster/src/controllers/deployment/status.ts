import type { JsonObject } from '@proa/kube'
import { type ConditionFacts, removeCondition } from '../conditions.ts'
import { nameOf, numberAt, objectAt, objectsAt, textAt } from '../fields.ts'
import { conditionOf } from '../pods/facts.ts'
import type { Limits } from './replica-counts.ts'

/** What the status of a Deployment is computed from. */
export interface Rollout {
  readonly deployment: JsonObject
  readonly newSet: JsonObject | undefined
  /** Old and new. */
  readonly sets: readonly JsonObject[]
  readonly limits: Limits
}

/** All Pods are of the newest template and available: nothing is left of the rollout. */
export function isComplete(deployment: JsonObject, status: JsonObject): boolean {
  const replicas = numberAt(deployment, 1, 'spec', 'replicas')
  return (
    numberAt(status, 0, 'updatedReplicas') === replicas &&
    numberAt(status, 0, 'replicas') === replicas &&
    numberAt(status, 0, 'availableReplicas') === replicas &&
    numberAt(status, 0, 'observedGeneration') >= numberAt(deployment, 0, 'metadata', 'generation')
  )
}

function isProgressing(before: JsonObject, after: JsonObject): boolean {
  const updated = (status: JsonObject) => numberAt(status, 0, 'updatedReplicas')
  const old = (status: JsonObject) => numberAt(status, 0, 'replicas') - updated(status)
  return (
    updated(after) > updated(before) ||
    old(after) < old(before) ||
    numberAt(after, 0, 'readyReplicas') > numberAt(before, 0, 'readyReplicas') ||
    numberAt(after, 0, 'availableReplicas') > numberAt(before, 0, 'availableReplicas')
  )
}

/** A condition with both of its times. `lastUpdateTime` moves with each change of the text, the other with the status. */
export function withCondition(
  conditions: readonly JsonObject[],
  condition: ConditionFacts,
  now: string,
): readonly JsonObject[] {
  const before = conditions.find((other) => other.type === condition.type)
  if (before?.status === condition.status && before.reason === condition.reason) return conditions
  const lastTransitionTime = before?.status === condition.status ? (before.lastTransitionTime ?? now) : now
  return [...removeCondition(conditions, condition.type), { ...condition, lastUpdateTime: now, lastTransitionTime }]
}

function countReplicas(rollout: Rollout): JsonObject {
  const total = (field: string) => rollout.sets.reduce((sum, set) => sum + numberAt(set, 0, 'status', field), 0)
  const wanted = rollout.sets.reduce((sum, set) => sum + numberAt(set, 0, 'spec', 'replicas'), 0)
  const counts = {
    replicas: total('replicas'),
    updatedReplicas: rollout.newSet === undefined ? 0 : numberAt(rollout.newSet, 0, 'status', 'replicas'),
    readyReplicas: total('readyReplicas'),
    availableReplicas: total('availableReplicas'),
    unavailableReplicas: Math.max(0, wanted - total('availableReplicas')),
  }
  const shown = Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
  const collisionCount = objectAt(rollout.deployment, 'status').collisionCount
  return {
    observedGeneration: numberAt(rollout.deployment, 0, 'metadata', 'generation'),
    ...shown,
    terminatingReplicas: total('terminatingReplicas'),
    ...(collisionCount === undefined ? {} : { collisionCount }),
  }
}

function availableCondition(rollout: Rollout, counts: JsonObject): ConditionFacts {
  const wanted = numberAt(rollout.deployment, 1, 'spec', 'replicas') - rollout.limits.maxUnavailable
  return numberAt(counts, 0, 'availableReplicas') >= wanted
    ? {
        type: 'Available',
        status: 'True',
        reason: 'MinimumReplicasAvailable',
        message: 'Deployment has minimum availability.',
      }
    : {
        type: 'Available',
        status: 'False',
        reason: 'MinimumReplicasUnavailable',
        message: 'Deployment does not have minimum availability.',
      }
}

/** Without a progress deadline nobody asks how far a rollout is. */
export function hasDeadline(deployment: JsonObject): boolean {
  const deadline = numberAt(deployment, 0, 'spec', 'progressDeadlineSeconds')
  return deadline > 0 && deadline !== 2 ** 31 - 1
}

/** The condition Progressing after this look; undefined: as it was. */
function progressingCondition(rollout: Rollout, counts: JsonObject, now: Date): ConditionFacts | undefined {
  const { deployment, newSet } = rollout
  const subject = newSet === undefined ? `Deployment "${nameOf(deployment)}"` : `ReplicaSet "${nameOf(newSet)}"`
  const condition = conditionOf(deployment, 'Progressing')
  const ended =
    numberAt(counts, 0, 'replicas') === numberAt(counts, 0, 'updatedReplicas') &&
    condition?.reason === 'NewReplicaSetAvailable'
  if (ended) return undefined
  if (isComplete(deployment, counts)) {
    const message = `${subject} has successfully progressed.`
    return { type: 'Progressing', status: 'True', reason: 'NewReplicaSetAvailable', message }
  }
  if (isProgressing(objectAt(deployment, 'status'), counts)) {
    return { type: 'Progressing', status: 'True', reason: 'ReplicaSetUpdated', message: `${subject} is progressing.` }
  }
  const left = untilDeadline(deployment, now)
  if (left !== undefined && left <= 0) {
    const message = `${subject} has timed out progressing.`
    return { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message }
  }
  return undefined
}

/** Milliseconds until the rollout counts as stuck; undefined when nothing is awaited. */
export function untilDeadline(deployment: JsonObject, now: Date): number | undefined {
  const condition = conditionOf(deployment, 'Progressing')
  if (condition === undefined || !hasDeadline(deployment)) return undefined
  if (condition.reason === 'NewReplicaSetAvailable' || condition.reason === 'ProgressDeadlineExceeded') return undefined
  if (condition.reason === 'DeploymentPaused') return undefined
  const since = Date.parse(textAt(condition, 'lastUpdateTime'))
  return since + numberAt(deployment, 0, 'spec', 'progressDeadlineSeconds') * 1000 - now.getTime()
}

/** ReplicaFailure as the ReplicaSets have it: the newest's, or any. */
function replicaFailure(rollout: Rollout): JsonObject | undefined {
  const sets = rollout.newSet === undefined ? rollout.sets : [rollout.newSet, ...rollout.sets]
  return sets.map((set) => conditionOf(set, 'ReplicaFailure')).find((condition) => condition !== undefined)
}

/** The whole status. `judgesProgress` is false while the Deployment is paused or being scaled. */
export function statusOf(rollout: Rollout, judgesProgress: boolean, now: Date, nowText: string): JsonObject {
  const counts = countReplicas(rollout)
  let conditions = objectsAt(rollout.deployment, 'status', 'conditions')
  conditions = withCondition(conditions, availableCondition(rollout, counts), nowText)
  if (judgesProgress) {
    if (hasDeadline(rollout.deployment)) {
      const progressing = progressingCondition(rollout, counts, now)
      if (progressing !== undefined) conditions = progressed(conditions, progressing, nowText)
    } else {
      conditions = removeCondition(conditions, 'Progressing')
    }
    const failure = replicaFailure(rollout)
    conditions =
      failure === undefined
        ? removeCondition(conditions, 'ReplicaFailure')
        : withCondition(conditions, failureFacts(failure), nowText)
  }
  return { ...counts, conditions }
}

/** Each bit of progress starts the deadline anew, although neither status nor reason changes. */
function progressed(conditions: readonly JsonObject[], condition: ConditionFacts, now: string): readonly JsonObject[] {
  if (condition.reason !== 'ReplicaSetUpdated') return withCondition(conditions, condition, now)
  const before = conditions.find((other) => other.type === 'Progressing')
  const lastTransitionTime = before?.status === 'True' ? (before.lastTransitionTime ?? now) : now
  return [...removeCondition(conditions, 'Progressing'), { ...condition, lastUpdateTime: now, lastTransitionTime }]
}

function failureFacts(condition: JsonObject): ConditionFacts {
  return {
    type: 'ReplicaFailure',
    status: condition.status === 'False' ? 'False' : 'True',
    reason: textAt(condition, 'reason'),
    message: textAt(condition, 'message'),
  }
}
