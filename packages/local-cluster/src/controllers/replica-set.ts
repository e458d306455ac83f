import type { JsonObject } from '@proa/kube'
import { timestamp } from './clock.ts'
import { removeCondition, setCondition } from './conditions.ts'
import {
  type Controller,
  type ControllerTools,
  isKind,
  type Kind,
  POD,
  REPLICA_SET,
  REPLICATION_CONTROLLER,
} from './controller.ts'
import {
  isBeingDeleted,
  keyOf,
  labelsOf,
  namespaceOf,
  numberAt,
  objectAt,
  objectsAt,
  sameJson,
  splitKey,
  textAt,
} from './fields.ts'
import { claim, controllerOf, isControlledBy, matchesSelector, ownerKeys } from './ownership.ts'
import { createInBatches, createPod, deletePod, isNamespaceGoing, podFromTemplate } from './pods/create.ts'
import { conditionOf, deletionOrder, hasEnded, isActive, isReady, untilAvailable } from './pods/facts.ts'

/** As many Pods are created or deleted in one go at most. */
const BURST = 500

interface Flavour {
  readonly name: string
  readonly kind: Kind
  readonly selector: (owner: JsonObject) => JsonObject
}

export function replicaSetController(tools: ControllerTools): Controller {
  return replicaController(tools, {
    name: 'replicaset-controller',
    kind: REPLICA_SET,
    selector: (owner) => objectAt(owner, 'spec', 'selector'),
  })
}

/** The same loop: a ReplicationController differs only in how it writes its selector. */
export function replicationController(tools: ControllerTools): Controller {
  return replicaController(tools, {
    name: 'replication-controller',
    kind: REPLICATION_CONTROLLER,
    selector: (owner) => ({ matchLabels: objectAt(owner, 'spec', 'selector') }),
  })
}

function replicaController(tools: ControllerTools, flavour: Flavour): Controller {
  const { api } = tools
  return {
    name: flavour.name,
    kinds: [flavour.kind, POD],
    concerns({ object, before }) {
      if (isKind(object, flavour.kind)) return [keyOf(object)]
      const owners = [object, ...(before === undefined ? [] : [before])].flatMap((pod) => ownerKeys(pod, flavour.kind))
      if (owners.length > 0 || controllerOf(object) !== undefined) return owners
      const selecting = (owner: JsonObject) => matchesSelector(flavour.selector(owner))(object)
      return api.list(flavour.kind, namespaceOf(object)).filter(selecting).map(keyOf)
    },
    async reconcile(key) {
      const owner = api.find({ ...flavour.kind, ...splitKey(key) })
      if (owner === undefined) return undefined
      const pods = await claim(api.list(POD, namespaceOf(owner)).filter(isActive), {
        api,
        owner,
        matches: matchesSelector(flavour.selector(owner)),
        adopts: () => true,
      })
      let failure: { readonly error: unknown; readonly reason: string } | undefined
      if (!isBeingDeleted(owner)) {
        const difference = pods.length - numberAt(owner, 1, 'spec', 'replicas')
        const reason = difference < 0 ? 'FailedCreate' : 'FailedDelete'
        await manage(tools, owner, pods).catch((error: unknown) => {
          failure = { error, reason }
        })
      }
      // The number of Pods as it was seen: those just made are counted when they show up as changes.
      const again = await updateStatus(tools, owner, pods, failure)
      if (failure !== undefined && !isNamespaceGoing(failure.error)) throw failure.error
      return again
    },
  }
}

async function manage(tools: ControllerTools, owner: JsonObject, pods: readonly JsonObject[]): Promise<void> {
  const difference = pods.length - numberAt(owner, 1, 'spec', 'replicas')
  if (difference < 0) {
    const pod = podFromTemplate(owner, objectAt(owner, 'spec', 'template'))
    await createInBatches(Math.min(-difference, BURST), () => createPod(tools, owner, pod))
  }
  if (difference > 0) {
    const surplus = deletionOrder(pods, (pod) => neighbours(pods, pod)).slice(0, Math.min(difference, BURST))
    await Promise.all(surplus.map((pod) => deletePod(tools, owner, pod)))
  }
}

function neighbours(pods: readonly JsonObject[], pod: JsonObject): number {
  const node = textAt(pod, 'spec', 'nodeName')
  return pods.filter((other) => textAt(other, 'spec', 'nodeName') === node).length
}

async function updateStatus(
  tools: ControllerTools,
  owner: JsonObject,
  pods: readonly JsonObject[],
  failure: { readonly error: unknown; readonly reason: string } | undefined,
): Promise<number | undefined> {
  const now = tools.clock.now()
  const minReady = numberAt(owner, 0, 'spec', 'minReadySeconds')
  const waits = pods.map((pod) => untilAvailable(pod, minReady, now))
  const before = objectsAt(owner, 'status', 'conditions')
  const templateLabels = Object.entries(labelsOf(objectAt(owner, 'spec', 'template')))
  const status: JsonObject = withoutEmpty({
    replicas: pods.length,
    ...(owner.kind === 'ReplicaSet' ? { terminatingReplicas: terminatingPods(tools, owner) } : {}),
    fullyLabeledReplicas: pods.filter((pod) => templateLabels.every(([key, value]) => labelsOf(pod)[key] === value))
      .length,
    readyReplicas: pods.filter(isReady).length,
    availableReplicas: waits.filter((wait) => wait === 0).length,
    observedGeneration: numberAt(owner, 0, 'metadata', 'generation'),
    conditions: failureCondition(owner, before, failure, timestamp(now)),
  })
  if (!sameJson(status, withoutEmpty(objectAt(owner, 'status')))) {
    const newest = tools.api.find({ ...kindOf(owner), ...splitKey(keyOf(owner)) })
    if (newest !== undefined) await tools.api.update({ ...newest, status }, { subresource: 'status' })
  }
  const next = waits.filter((wait) => wait !== undefined && wait > 0)
  return next.length === 0 ? undefined : Math.min(...(next as number[]))
}

function failureCondition(
  owner: JsonObject,
  before: readonly JsonObject[],
  failure: { readonly error: unknown; readonly reason: string } | undefined,
  now: string,
): readonly JsonObject[] {
  if (failure === undefined) return removeCondition(before, 'ReplicaFailure')
  if (conditionOf(owner, 'ReplicaFailure') !== undefined) return before
  const message = failure.error instanceof Error ? failure.error.message : String(failure.error)
  return setCondition(before, { type: 'ReplicaFailure', status: 'True', reason: failure.reason, message }, now)
}

function kindOf(object: JsonObject): Kind {
  return { apiVersion: textAt(object, 'apiVersion'), kind: textAt(object, 'kind') }
}

function terminatingPods(tools: ControllerTools, owner: JsonObject): number {
  const pods = tools.api.list(POD, namespaceOf(owner))
  return pods.filter((pod) => isBeingDeleted(pod) && !hasEnded(pod) && isControlledBy(pod, owner)).length
}

/** These are written even when they are 0. */
const ALWAYS_WRITTEN: ReadonlySet<string> = new Set(['replicas', 'terminatingReplicas'])

/** Other counters of 0 and empty lists are left out on the wire. */
function withoutEmpty(status: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(status).filter(
      ([key, value]) => ALWAYS_WRITTEN.has(key) || !(value === 0 || (Array.isArray(value) && value.length === 0)),
    ),
  )
}
