import type { Json, JsonObject } from '@proa/kube'
import { timestamp } from '../clock.ts'
import { type Controller, type ControllerTools, DEPLOYMENT, isKind, POD, REPLICA_SET } from '../controller.ts'
import {
  annotationsOf,
  at,
  isBeingDeleted,
  keyOf,
  nameOf,
  namespaceOf,
  numberAt,
  objectAt,
  sameJson,
  splitKey,
} from '../fields.ts'
import { claim, controllerOf, isControlledBy, matchesSelector, ownerKeys } from '../ownership.ts'
import { conditionOf, hasEnded } from '../pods/facts.ts'
import { type Limits, nextNewReplicas, nextOldReplicas, proportionalReplicas, resolveLimits } from './replica-counts.ts'
import { isRecreate, replicasOf, scaleSet, setProgressing, syncNewSet, wantedReplicas } from './replica-sets.ts'
import { byAge, DESIRED_REPLICAS, findNewSet, MAX_REPLICAS, revisionOf } from './revision.ts'
import { hasDeadline, isComplete, statusOf, untilDeadline } from './status.ts'

export function deploymentController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'deployment-controller',
    kinds: [DEPLOYMENT, REPLICA_SET, POD],
    concerns({ object, before, type }) {
      if (isKind(object, DEPLOYMENT)) return [keyOf(object)]
      if (isKind(object, POD)) return type === 'MODIFIED' ? [] : deploymentOfPod(tools, object)
      const owners = [object, ...(before === undefined ? [] : [before])].flatMap((set) => ownerKeys(set, DEPLOYMENT))
      if (owners.length > 0 || controllerOf(object) !== undefined) return owners
      const selecting = (owner: JsonObject) => matchesSelector(objectAt(owner, 'spec', 'selector'))(object)
      return api.list(DEPLOYMENT, namespaceOf(object)).filter(selecting).map(keyOf)
    },
    async reconcile(key) {
      const deployment = api.find({ ...DEPLOYMENT, ...splitKey(key) })
      if (deployment === undefined) return undefined
      const sets = await claim(api.list(REPLICA_SET, namespaceOf(deployment)), {
        api,
        owner: deployment,
        matches: matchesSelector(objectAt(deployment, 'spec', 'selector')),
        adopts: () => true,
      })
      const limits = limitsOf(deployment)
      if (isBeingDeleted(deployment)) return await writeStatus(tools, deployment, limits, false)
      await pausedCondition(tools, deployment)
      if (at(deployment, 'spec', 'paused') === true || isScaling(deployment, sets))
        return await scale(tools, deployment, sets, limits)
      if (isRecreate(deployment)) await recreate(tools, deployment, sets, limits)
      else await roll(tools, deployment, sets, limits)
      return await writeStatus(tools, deployment, limits, true)
    },
  }
}

/** A rollout of type Recreate goes on when the last old Pod is gone. */
function deploymentOfPod(tools: ControllerTools, pod: JsonObject): readonly string[] {
  return ownerKeys(pod, REPLICA_SET).flatMap((key) => {
    const set = tools.api.find({ ...REPLICA_SET, ...splitKey(key) })
    return set === undefined ? [] : ownerKeys(set, DEPLOYMENT)
  })
}

function intOrPercent(value: Json | undefined): number | string | undefined {
  return typeof value === 'number' || typeof value === 'string' ? value : undefined
}

function limitsOf(deployment: JsonObject): Limits {
  if (isRecreate(deployment)) return { maxSurge: 0, maxUnavailable: 0 }
  const rolling = objectAt(deployment, 'spec', 'strategy', 'rollingUpdate')
  const replicas = wantedReplicas(deployment)
  return resolveLimits(intOrPercent(rolling.maxSurge ?? '25%'), intOrPercent(rolling.maxUnavailable ?? '25%'), replicas)
}

async function pausedCondition(tools: ControllerTools, deployment: JsonObject): Promise<void> {
  if (!hasDeadline(deployment)) return
  const reason = conditionOf(deployment, 'Progressing')?.reason
  const paused = at(deployment, 'spec', 'paused') === true
  if (reason === 'ProgressDeadlineExceeded') return
  if (paused && reason !== 'DeploymentPaused') {
    await setProgressing(tools, deployment, 'Unknown', 'DeploymentPaused', 'Deployment is paused')
  } else if (!paused && reason === 'DeploymentPaused') {
    await setProgressing(tools, deployment, 'Unknown', 'DeploymentResumed', 'Deployment is resumed')
  }
}

const isInUse = (set: JsonObject) => replicasOf(set) > 0

/** Somebody changed `spec.replicas` since the ReplicaSets were last scaled. */
function isScaling(deployment: JsonObject, sets: readonly JsonObject[]): boolean {
  return sets.filter(isInUse).some((set) => {
    const desired = annotationsOf(set)[DESIRED_REPLICAS]
    return desired !== undefined && Number(desired) !== wantedReplicas(deployment)
  })
}

async function scale(tools: ControllerTools, deployment: JsonObject, sets: readonly JsonObject[], limits: Limits) {
  const newSet = await syncNewSet(tools, deployment, sets, limits, false)
  const wanted = wantedReplicas(deployment)
  const olds = byAge(sets.filter((set) => nameOf(set) !== (newSet === undefined ? '' : nameOf(newSet))))
  const active = [...olds.filter(isInUse), ...(newSet !== undefined && isInUse(newSet) ? [newSet] : [])]
  const only = active.length > 1 ? undefined : (active[0] ?? newSet ?? olds.at(-1))
  if (only !== undefined) await scaleSet(tools, deployment, only, wanted, limits)
  else if (newSet !== undefined && isSaturated(deployment, newSet)) {
    for (const old of olds.filter(isInUse)) await scaleSet(tools, deployment, old, 0, limits)
  } else if (!isRecreate(deployment)) {
    const sorted = [...active].sort((a, b) => replicasOf(b) - replicasOf(a))
    const shares = sorted.map((set) => ({
      replicas: replicasOf(set),
      maxReplicas: Number(annotationsOf(set)[MAX_REPLICAS] ?? 0),
    }))
    const next = proportionalReplicas(wanted, limits.maxSurge, shares)
    for (const [index, set] of sorted.entries()) await scaleSet(tools, deployment, set, next[index] ?? 0, limits)
  }
  if (at(deployment, 'spec', 'paused') === true) await cleanUp(tools, deployment)
  return await writeStatus(tools, deployment, limits, false)
}

function isSaturated(deployment: JsonObject, set: JsonObject): boolean {
  const wanted = wantedReplicas(deployment)
  return (
    replicasOf(set) === wanted &&
    Number(annotationsOf(set)[DESIRED_REPLICAS]) === wanted &&
    numberAt(set, 0, 'status', 'availableReplicas') === wanted
  )
}

const countsOf = (set: JsonObject) => ({
  replicas: replicasOf(set),
  available: numberAt(set, 0, 'status', 'availableReplicas'),
})

/** One step of a rolling update: the new set up, or else the old ones down. */
async function roll(
  tools: ControllerTools,
  deployment: JsonObject,
  sets: readonly JsonObject[],
  limits: Limits,
): Promise<void> {
  const newSet = await syncNewSet(tools, deployment, sets, limits, true)
  if (newSet === undefined) return
  const wanted = wantedReplicas(deployment)
  const olds = byAge(sets.filter((set) => nameOf(set) !== nameOf(newSet) && isInUse(set)))
  const total = [newSet, ...olds].reduce((sum, set) => sum + replicasOf(set), 0)
  const up = await scaleSet(
    tools,
    deployment,
    newSet,
    nextNewReplicas(wanted, limits, replicasOf(newSet), total),
    limits,
  )
  if (up.scaled) return
  const next = nextOldReplicas(wanted, limits, countsOf(up.set), olds.map(countsOf))
  for (const [index, old] of olds.entries()) {
    const replicas = next[index] ?? 0
    if (replicas !== replicasOf(old)) await scaleSet(tools, deployment, old, replicas, limits)
  }
  await cleanUpWhenComplete(tools, deployment, limits)
}

/** All old Pods go first; only then the new set is made. */
async function recreate(
  tools: ControllerTools,
  deployment: JsonObject,
  sets: readonly JsonObject[],
  limits: Limits,
): Promise<void> {
  const known = await syncNewSet(tools, deployment, sets, limits, false)
  const olds = sets.filter((set) => known === undefined || nameOf(set) !== nameOf(known))
  const active = olds.filter(isInUse)
  for (const old of active) await scaleSet(tools, deployment, old, 0, limits)
  if (active.length > 0) return
  const pods = tools.api.list(POD, namespaceOf(deployment)).filter((pod) => !hasEnded(pod))
  if (pods.some((pod) => olds.some((old) => isControlledBy(pod, old)))) return
  const newSet = await syncNewSet(tools, deployment, sets, limits, true)
  if (newSet !== undefined) await scaleSet(tools, deployment, newSet, wantedReplicas(deployment), limits)
  await cleanUpWhenComplete(tools, deployment, limits)
}

/** What the status is made of, as everything is now. */
function rolloutOf(tools: ControllerTools, deployment: JsonObject, limits: Limits) {
  const current = tools.api.find({ ...DEPLOYMENT, ...splitKey(keyOf(deployment)) })
  const sets = tools.api.list(REPLICA_SET, namespaceOf(deployment)).filter((set) => isControlledBy(set, deployment))
  return current === undefined ? undefined : { deployment: current, sets, newSet: findNewSet(current, sets), limits }
}

async function cleanUpWhenComplete(tools: ControllerTools, deployment: JsonObject, limits: Limits): Promise<void> {
  const rollout = rolloutOf(tools, deployment, limits)
  if (rollout === undefined) return
  const status = statusOf(rollout, false, tools.clock.now(), timestamp(tools.clock.now()))
  if (isComplete(rollout.deployment, status)) await cleanUp(tools, deployment)
}

/** Keeps only so many old ReplicaSets as `revisionHistoryLimit` says. */
async function cleanUp(tools: ControllerTools, deployment: JsonObject): Promise<void> {
  const limit = numberAt(deployment, 2 ** 31 - 1, 'spec', 'revisionHistoryLimit')
  const sets = tools.api.list(REPLICA_SET, namespaceOf(deployment)).filter((set) => isControlledBy(set, deployment))
  const newSet = findNewSet(deployment, sets)
  const olds = sets.filter((set) => set !== newSet && !isBeingDeleted(set))
  const surplus = [...olds].sort((a, b) => revisionOf(a) - revisionOf(b)).slice(0, Math.max(0, olds.length - limit))
  for (const old of surplus) {
    const unused = replicasOf(old) === 0 && numberAt(old, 0, 'status', 'replicas') === 0
    if (unused) await tools.api.delete({ ...REPLICA_SET, ...splitKey(keyOf(old)) }, { propagationPolicy: 'Background' })
  }
}

async function writeStatus(
  tools: ControllerTools,
  deployment: JsonObject,
  limits: Limits,
  judgesProgress: boolean,
): Promise<number | undefined> {
  const rollout = rolloutOf(tools, deployment, limits)
  if (rollout === undefined) return undefined
  const now = tools.clock.now()
  const status = statusOf(rollout, judgesProgress, now, timestamp(now))
  const changed = { ...rollout.deployment, status }
  if (!sameJson(status, objectAt(rollout.deployment, 'status')))
    await tools.api.update(changed, { subresource: 'status' })
  const left = judgesProgress ? untilDeadline(changed, now) : undefined
  return left === undefined ? undefined : Math.max(left, 0) + 1000
}
