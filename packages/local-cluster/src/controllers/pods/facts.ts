import type { JsonObject } from '@proa/kube'
import { createdAt, isBeingDeleted, nameOf, numberAt, objectsAt, textAt } from '../fields.ts'

export const phaseOf = (pod: JsonObject) => textAt(pod, 'status', 'phase')

/** Neither ended nor being deleted: what counts for the replicas of a workload. */
export function isActive(pod: JsonObject): boolean {
  return !hasEnded(pod) && !isBeingDeleted(pod)
}

export function hasEnded(pod: JsonObject): boolean {
  return phaseOf(pod) === 'Succeeded' || phaseOf(pod) === 'Failed'
}

export function conditionOf(object: JsonObject, type: string): JsonObject | undefined {
  return objectsAt(object, 'status', 'conditions').find((condition) => condition.type === type)
}

export function isReady(pod: JsonObject): boolean {
  return conditionOf(pod, 'Ready')?.status === 'True'
}

/** Milliseconds until the Pod has been ready long enough; 0 when it is available, undefined when it is not ready. */
export function untilAvailable(pod: JsonObject, minReadySeconds: number, now: Date): number | undefined {
  if (!isReady(pod)) return undefined
  if (minReadySeconds <= 0) return 0
  const since = Date.parse(textAt(conditionOf(pod, 'Ready'), 'lastTransitionTime'))
  return Math.max(0, since + minReadySeconds * 1000 - now.getTime())
}

const PHASES = ['Pending', 'Unknown', 'Running']

/**
 * Which Pod of a workload goes first when there are too many. The order of `ActivePodsWithRanks`: not yet on a Node, not
 * running, not ready, cheaper to delete, on a Node with more of them, ready for a shorter time, more restarts, newer.
 */
export function deletionOrder(pods: readonly JsonObject[], rank: (pod: JsonObject) => number): readonly JsonObject[] {
  const keys: readonly ((pod: JsonObject) => number | string)[] = [
    (pod) => (textAt(pod, 'spec', 'nodeName') === '' ? 0 : 1),
    (pod) => PHASES.indexOf(phaseOf(pod)),
    (pod) => (isReady(pod) ? 1 : 0),
    (pod) => Number(textAt(pod, 'metadata', 'annotations', 'controller.kubernetes.io/pod-deletion-cost')) || 0,
    (pod) => -rank(pod),
    (pod) => -Date.parse(textAt(conditionOf(pod, 'Ready'), 'lastTransitionTime')) || 0,
    (pod) =>
      -Math.max(
        0,
        ...objectsAt(pod, 'status', 'containerStatuses').map((status) => numberAt(status, 0, 'restartCount')),
      ),
    (pod) => -Date.parse(createdAt(pod)) || 0,
    nameOf,
  ]
  return [...pods].sort((a, b) => {
    for (const key of keys) {
      const [left, right] = [key(a), key(b)]
      if (left !== right) return left < right ? -1 : 1
    }
    return 0
  })
}
