import type { JsonObject } from '@proa/kube'
import { templateGenerationOf } from '../resources/template-generation.ts'
import { type Controller, type ControllerTools, DAEMON_SET, isKind, NODE, POD } from './controller.ts'
import { resolveIntOrPercent } from './deployment/replica-counts.ts'
import {
  at,
  isBeingDeleted,
  keyOf,
  labelsOf,
  nameOf,
  namespaceOf,
  numberAt,
  objectAt,
  sameJson,
  splitKey,
  textAt,
} from './fields.ts'
import { claim, matchesSelector, ownerKeys } from './ownership.ts'
import { createInBatches, createPod, deletePod, isNamespaceGoing, podFromTemplate } from './pods/create.ts'
import { hasEnded, isReady, untilAvailable } from './pods/facts.ts'
import { syncRevision } from './revision-history.ts'

const HASH_LABEL = 'controller-revision-hash'
const GENERATION_LABEL = 'pod-template-generation'

/** One Pod on each Node that fits. */
export function daemonSetController(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'daemon-set-controller',
    kinds: [DAEMON_SET, POD, NODE],
    concerns({ object, before }) {
      if (isKind(object, DAEMON_SET)) return [keyOf(object)]
      if (isKind(object, NODE)) return api.list(DAEMON_SET).map(keyOf)
      return [object, ...(before === undefined ? [] : [before])].flatMap((pod) => ownerKeys(pod, DAEMON_SET))
    },
    async reconcile(key) {
      const set = api.find({ ...DAEMON_SET, ...splitKey(key) })
      if (set === undefined || isBeingDeleted(set)) return undefined
      const { hash } = await syncRevision(tools, set)
      const matches = matchesSelector(objectAt(set, 'spec', 'selector'))
      const pods = await claim(api.list(POD, namespaceOf(set)), { api, owner: set, matches, adopts: () => true })
      const nodes = api.list(NODE).filter((node) => fits(set, node))
      let failure: unknown
      await manage(tools, set, pods, nodes, hash).catch((error: unknown) => {
        failure = error
      })
      const again = await updateStatus(tools, set, matches, nodes, hash)
      if (failure !== undefined && !isNamespaceGoing(failure)) throw failure
      return again
    },
  }
}

function fits(set: JsonObject, node: JsonObject): boolean {
  const wanted = Object.entries(objectAt(set, 'spec', 'template', 'spec', 'nodeSelector'))
  return wanted.every(([key, value]) => labelsOf(node)[key] === value)
}

/** The Node that the Pod is on or meant for: the controller says it by an affinity, the scheduler does the rest. */
function nodeOf(pod: JsonObject): string {
  const assigned = textAt(pod, 'spec', 'nodeName')
  if (assigned !== '') return assigned
  const terms = at(
    pod,
    'spec',
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  )
  const match = /"metadata\.name","operator":"In","values":\["([^"]+)"\]/.exec(JSON.stringify(terms ?? null))
  return match?.[1] ?? ''
}

async function manage(
  tools: ControllerTools,
  set: JsonObject,
  pods: readonly JsonObject[],
  nodes: readonly JsonObject[],
  hash: string,
): Promise<void> {
  const byNode = (node: JsonObject) => pods.filter((pod) => nodeOf(pod) === nameOf(node))
  for (const pod of pods) {
    const misplaced = !nodes.some((node) => nameOf(node) === nodeOf(pod))
    if (!isBeingDeleted(pod) && (misplaced || hasEnded(pod))) await deletePod(tools, set, pod)
  }
  await update(tools, set, pods, nodes, hash)
  const empty = nodes.filter((node) => byNode(node).every(hasEnded))
  await createInBatches(empty.length, (index) => {
    const node = empty[index]
    return node === undefined ? Promise.resolve() : createPod(tools, set, podOn(set, node, hash))
  })
}

/** Rolling update: as many old Pods go as may be unavailable. OnDelete: they stay until somebody deletes them. */
async function update(
  tools: ControllerTools,
  set: JsonObject,
  pods: readonly JsonObject[],
  nodes: readonly JsonObject[],
  hash: string,
): Promise<void> {
  if (textAt(set, 'spec', 'updateStrategy', 'type') === 'OnDelete') return
  const limit = at(set, 'spec', 'updateStrategy', 'rollingUpdate', 'maxUnavailable')
  const value = typeof limit === 'number' || typeof limit === 'string' ? limit : 1
  const living = pods.filter((pod) => !isBeingDeleted(pod) && !hasEnded(pod))
  const old = living.filter((pod) => labelsOf(pod)[HASH_LABEL] !== hash)
  const unready = old.filter((pod) => !isReady(pod))
  const room = Math.max(
    0,
    resolveIntOrPercent(value, nodes.length, 'up') - (nodes.length - living.filter(isReady).length),
  )
  for (const pod of [...unready, ...old.filter(isReady).slice(0, room)]) await deletePod(tools, set, pod)
}

/** Taints that do not keep these Pods away: a daemon belongs on a Node in any state. */
const TOLERATIONS = [
  ['node.kubernetes.io/not-ready', 'NoExecute'],
  ['node.kubernetes.io/unreachable', 'NoExecute'],
  ['node.kubernetes.io/disk-pressure', 'NoSchedule'],
  ['node.kubernetes.io/memory-pressure', 'NoSchedule'],
  ['node.kubernetes.io/pid-pressure', 'NoSchedule'],
  ['node.kubernetes.io/unschedulable', 'NoSchedule'],
] as const

function podOn(set: JsonObject, node: JsonObject, hash: string): JsonObject {
  const template = objectAt(set, 'spec', 'template')
  const spec = objectAt(template, 'spec')
  const own = Array.isArray(spec.tolerations) ? spec.tolerations : []
  const hostNetwork =
    spec.hostNetwork === true ? [['node.kubernetes.io/network-unavailable', 'NoSchedule'] as const] : []
  const tolerations = [...TOLERATIONS, ...hostNetwork].map(([key, effect]) => ({ key, operator: 'Exists', effect }))
  const generation = String(templateGenerationOf(set))
  return podFromTemplate(set, template, {
    labels: { [HASH_LABEL]: hash, [GENERATION_LABEL]: generation },
    spec: {
      affinity: {
        ...objectAt(spec, 'affinity'),
        nodeAffinity: {
          ...objectAt(spec, 'affinity', 'nodeAffinity'),
          requiredDuringSchedulingIgnoredDuringExecution: {
            nodeSelectorTerms: [{ matchFields: [{ key: 'metadata.name', operator: 'In', values: [nameOf(node)] }] }],
          },
        },
      },
      tolerations: [...own, ...tolerations],
    },
  })
}

async function updateStatus(
  tools: ControllerTools,
  set: JsonObject,
  matches: (object: JsonObject) => boolean,
  nodes: readonly JsonObject[],
  hash: string,
): Promise<number | undefined> {
  const newest = tools.api.find({ ...DAEMON_SET, ...splitKey(keyOf(set)) })
  if (newest === undefined) return undefined
  const pods = tools.api.list(POD, namespaceOf(set)).filter((pod) => matches(pod) && !isBeingDeleted(pod))
  const on = nodes.map((node) => pods.find((pod) => nodeOf(pod) === nameOf(node))).filter((pod) => pod !== undefined)
  const minReady = numberAt(set, 0, 'spec', 'minReadySeconds')
  const waits = on.map((pod) => untilAvailable(pod, minReady, tools.clock.now()))
  const available = waits.filter((wait) => wait === 0).length
  const optional = {
    updatedNumberScheduled: on.filter((pod) => labelsOf(pod)[HASH_LABEL] === hash).length,
    numberAvailable: available,
    numberUnavailable: nodes.length - available,
  }
  const status: JsonObject = {
    currentNumberScheduled: on.length,
    numberMisscheduled: pods.filter((pod) => !nodes.some((node) => nameOf(node) === nodeOf(pod))).length,
    desiredNumberScheduled: nodes.length,
    numberReady: on.filter(isReady).length,
    observedGeneration: numberAt(newest, 1, 'metadata', 'generation'),
    ...Object.fromEntries(Object.entries(optional).filter(([, count]) => count > 0)),
  }
  if (!sameJson(status, objectAt(newest, 'status')))
    await tools.api.update({ ...newest, status }, { subresource: 'status' })
  const next = waits.filter((wait): wait is number => wait !== undefined && wait > 0)
  return next.length === 0 ? undefined : Math.min(...next)
}
