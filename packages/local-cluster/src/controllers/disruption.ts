import type { JsonObject } from '@proa/kube'
import { timestamp } from './clock.ts'
import { setCondition } from './conditions.ts'
import { type Controller, type ControllerTools, DISRUPTION_BUDGET, isKind, POD } from './controller.ts'
import { resolveIntOrPercent } from './deployment/replica-counts.ts'
import {
  at,
  isBeingDeleted,
  keyOf,
  namespaceOf,
  numberAt,
  objectAt,
  objectsAt,
  sameJson,
  splitKey,
  textAt,
} from './fields.ts'
import { controllerOf, matchesSelector } from './ownership.ts'
import { hasEnded, isReady } from './pods/facts.ts'

/** Counts how many Pods a PodDisruptionBudget lets go. */
export function disruptionController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'disruption-controller',
    kinds: [DISRUPTION_BUDGET, POD],
    concerns({ object, type, before }) {
      if (isKind(object, DISRUPTION_BUDGET)) return type === 'DELETED' ? [] : [keyOf(object)]
      const selecting = (budget: JsonObject) => {
        const matches = matchesSelector(objectAt(budget, 'spec', 'selector'))
        return matches(object) || (before !== undefined && matches(before))
      }
      return api.list(DISRUPTION_BUDGET, namespaceOf(object)).filter(selecting).map(keyOf)
    },
    async reconcile(key) {
      const budget = api.find({ ...DISRUPTION_BUDGET, ...splitKey(key) })
      if (budget === undefined) return undefined
      const matches = matchesSelector(objectAt(budget, 'spec', 'selector'))
      const pods = api.list(POD, namespaceOf(budget)).filter((pod) => matches(pod) && !hasEnded(pod))
      if (pods.length === 0) tools.recorder.event(budget, 'Normal', 'NoPods', 'No matching pods found')
      const status = statusOf(tools, budget, pods)
      if (!sameJson(status, objectAt(budget, 'status')))
        await api.update({ ...budget, status }, { subresource: 'status' })
      return undefined
    },
  }
}

function statusOf(tools: ControllerTools, budget: JsonObject, pods: readonly JsonObject[]): JsonObject {
  const expected = expectedPods(tools, pods)
  const desired = desiredHealthy(budget, expected)
  const current = pods.filter((pod) => isReady(pod) && !isBeingDeleted(pod)).length
  const allowed = pods.length === 0 ? 0 : Math.max(0, current - desired)
  const generation = numberAt(budget, 1, 'metadata', 'generation')
  const condition =
    allowed > 0
      ? ({ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', message: '' } as const)
      : ({ type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' } as const)
  return {
    conditions: setCondition(objectsAt(budget, 'status', 'conditions'), condition, timestamp(tools.clock.now()), {
      observedGeneration: generation,
    }),
    currentHealthy: current,
    desiredHealthy: desired,
    disruptionsAllowed: allowed,
    expectedPods: expected,
    observedGeneration: generation,
  }
}

/** As many as their controllers want, for Pods that have one with a scale. */
function expectedPods(tools: ControllerTools, pods: readonly JsonObject[]): number {
  const owners = new Map<string, number>()
  let alone = 0
  for (const pod of pods) {
    const reference = controllerOf(pod)
    const key = reference && {
      apiVersion: textAt(reference, 'apiVersion'),
      kind: textAt(reference, 'kind'),
      name: textAt(reference, 'name'),
    }
    const owner = key === undefined ? undefined : tools.api.find({ ...key, namespace: namespaceOf(pod) })
    const replicas = at(owner, 'spec', 'replicas')
    if (owner !== undefined && typeof replicas === 'number') owners.set(textAt(owner, 'metadata', 'uid'), replicas)
    else alone += 1
  }
  return [...owners.values()].reduce((sum, replicas) => sum + replicas, alone)
}

function desiredHealthy(budget: JsonObject, expected: number): number {
  const value = (field: string) => {
    const limit = at(budget, 'spec', field)
    return typeof limit === 'number' || typeof limit === 'string' ? limit : undefined
  }
  const maxUnavailable = value('maxUnavailable')
  if (maxUnavailable !== undefined) return Math.max(0, expected - resolveIntOrPercent(maxUnavailable, expected, 'up'))
  return resolveIntOrPercent(value('minAvailable') ?? 0, expected, 'up')
}
