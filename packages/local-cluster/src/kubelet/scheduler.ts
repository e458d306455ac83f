import type { JsonObject } from '@proa/kube'
import { type Controller, type ControllerTools, isKind, NODE, POD } from '../controllers/controller.ts'
import {
  at,
  isBeingDeleted,
  keyOf,
  labelsOf,
  nameOf,
  namespaceOf,
  objectAt,
  objectsAt,
  splitKey,
  textAt,
  uidOf,
} from '../controllers/fields.ts'
import { hasEnded } from '../controllers/pods/facts.ts'

/** How a Pod gets its Node: the fewest Pods win among those that fit. Requests and affinities are not looked at. */
export function scheduler(tools: ControllerTools): Controller {
  const { api } = tools
  return {
    name: 'default-scheduler',
    kinds: [POD, NODE],
    concerns({ object, type }) {
      if (type === 'DELETED') return []
      if (isKind(object, POD)) return isWaiting(object) ? [keyOf(object)] : []
      return api.list(POD).filter(isWaiting).map(keyOf)
    },
    async reconcile(key) {
      const pod = api.find({ ...POD, ...splitKey(key) })
      if (pod === undefined || !isWaiting(pod)) return undefined
      const nodes = api.list(NODE)
      const node = fittest(
        tools,
        nodes.filter((candidate) => refusal(pod, candidate) === undefined),
      )
      if (node === undefined) {
        await unschedulable(tools, pod, nodes)
        return undefined
      }
      await bind(tools, pod, node)
      const message = `Successfully assigned ${namespaceOf(pod)}/${nameOf(pod)} to ${nameOf(node)}`
      tools.recorder.event(pod, 'Normal', 'Scheduled', message)
      return undefined
    },
  }
}

function isWaiting(pod: JsonObject): boolean {
  return (
    textAt(pod, 'spec', 'nodeName') === '' &&
    !isBeingDeleted(pod) &&
    !hasEnded(pod) &&
    ['', 'default-scheduler'].includes(textAt(pod, 'spec', 'schedulerName')) &&
    objectsAt(pod, 'spec', 'schedulingGates').length === 0
  )
}

/** Why the Node is not for this Pod, in the scheduler's words; undefined when it fits. */
function refusal(pod: JsonObject, node: JsonObject): string | undefined {
  if (at(node, 'spec', 'unschedulable') === true) return 'node(s) were unschedulable'
  const wanted = Object.entries(objectAt(pod, 'spec', 'nodeSelector'))
  if (wanted.some(([key, value]) => labelsOf(node)[key] !== value))
    return "node(s) didn't match Pod's node affinity/selector"
  return undefined
}

function fittest(tools: ControllerTools, nodes: readonly JsonObject[]): JsonObject | undefined {
  if (nodes.length < 2) return nodes[0]
  const pods = tools.api.list(POD)
  const load = (node: JsonObject) => pods.filter((pod) => textAt(pod, 'spec', 'nodeName') === nameOf(node)).length
  return nodes.map((node) => ({ node, load: load(node) })).sort((a, b) => a.load - b.load)[0]?.node
}

async function bind(tools: ControllerTools, pod: JsonObject, node: JsonObject): Promise<void> {
  await tools.api.create(
    {
      apiVersion: 'v1',
      kind: 'Binding',
      metadata: { name: nameOf(pod), namespace: namespaceOf(pod), uid: uidOf(pod) },
      target: { kind: 'Node', name: nameOf(node) },
    },
    { subresource: 'binding' },
  )
}

async function unschedulable(tools: ControllerTools, pod: JsonObject, nodes: readonly JsonObject[]): Promise<void> {
  const reasons = new Map<string, number>()
  for (const node of nodes) {
    const reason = refusal(pod, node) ?? ''
    reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
  }
  const list = [...reasons].map(([reason, count]) => `${count} ${reason}`).sort()
  const message =
    nodes.length === 0
      ? 'no nodes available to schedule pods'
      : `0/${nodes.length} nodes are available: ${list.join(', ')}.`
  tools.recorder.event(pod, 'Warning', 'FailedScheduling', message)
}
