import type { JsonObject } from '@proa/kube'
import { setCondition } from '../controllers/conditions.ts'
import { numberAt, objectAt, objectsAt, textAt } from '../controllers/fields.ts'
import { conditionOf } from '../controllers/pods/facts.ts'
import type { ContainerState, Slot } from './slot.ts'

export interface PodFacts {
  readonly slots: readonly Slot[]
  readonly podIP: string
  readonly hostIP: string
  /** RFC 3339 */
  readonly startTime: string
}

/** The status of a Pod from the states of its containers, as the kubelet writes it. */
export function podStatus(pod: JsonObject, facts: PodFacts, now: string): JsonObject {
  const before = objectAt(pod, 'status')
  const inits = facts.slots.filter((slot) => slot.role !== 'main')
  const mains = facts.slots.filter((slot) => slot.role === 'main')
  const phase = phaseOf(pod, facts.slots)
  const ephemeral = objectsAt(pod, 'spec', 'ephemeralContainers')
  return {
    ...before,
    phase,
    observedGeneration: numberAt(pod, 1, 'metadata', 'generation'),
    conditions: conditions(pod, facts.slots, phase, now),
    hostIP: facts.hostIP,
    hostIPs: [{ ip: facts.hostIP }],
    podIP: facts.podIP,
    podIPs: [{ ip: facts.podIP }],
    startTime: facts.startTime,
    ...(inits.length === 0 ? {} : { initContainerStatuses: inits.map(containerStatus) }),
    containerStatuses: mains.map(containerStatus),
    ...(ephemeral.length === 0 ? {} : { ephemeralContainerStatuses: ephemeral.map(ephemeralStatus) }),
  }
}

/** Succeeded and Failed are decided by the regular containers alone: sidecars end with them. */
function phaseOf(pod: JsonObject, slots: readonly Slot[]): string {
  const policy = textAt(pod, 'spec', 'restartPolicy') || 'Always'
  const mains = slots.filter((slot) => slot.role === 'main')
  const failedInit = slots.some((slot) => slot.role === 'init' && failed(slot))
  if (failedInit && policy === 'Never') return 'Failed'
  if (slots.some((slot) => slot.role === 'init' && !succeeded(slot))) return 'Pending'
  if (mains.some((slot) => slot.state.kind === 'waiting' && slot.lastState === undefined)) return 'Pending'
  if (policy === 'Always' || !mains.every((slot) => slot.state.kind === 'terminated')) return 'Running'
  if (!mains.some(failed)) return 'Succeeded'
  return policy === 'Never' ? 'Failed' : 'Running'
}

const succeeded = (slot: Slot) => slot.state.kind === 'terminated' && slot.state.exitCode === 0
const failed = (slot: Slot) => slot.state.kind === 'terminated' && slot.state.exitCode !== 0

function conditions(pod: JsonObject, slots: readonly Slot[], phase: string, now: string): readonly JsonObject[] {
  const ended = phase === 'Succeeded' || phase === 'Failed'
  const unstarted = slots.filter((slot) =>
    slot.role === 'init' ? !succeeded(slot) : slot.role === 'sidecar' && slot.state.kind !== 'running',
  )
  const unready = slots.filter((slot) => slot.role !== 'init' && !slot.ready)
  const gates = objectsAt(pod, 'spec', 'readinessGates').map((gate) => textAt(gate, 'conditionType'))
  const closed = gates.filter((gate) => conditionOf(pod, gate)?.status !== 'True')
  const names = (list: readonly Slot[]) => `[${list.map((slot) => slot.name).join(' ')}]`
  const initialized: Fact =
    ended || unstarted.length === 0
      ? true
      : ['ContainersNotInitialized', `containers with incomplete status: ${names(unstarted)}`]
  const containersReady: Fact = ended
    ? phase === 'Succeeded'
      ? ['PodCompleted', '']
      : ['PodFailed', '']
    : unready.length === 0
      ? true
      : ['ContainersNotReady', `containers with unready status: ${names(unready)}`]
  const ready: Fact =
    containersReady === true && closed.length > 0
      ? ['ReadinessGatesNotReady', `corresponding condition of pod readiness gate "${closed[0] ?? ''}" does not exist.`]
      : containersReady
  const list: readonly [string, Fact][] = [
    ['PodReadyToStartContainers', !ended],
    ['Initialized', initialized === true && phase === 'Succeeded' ? true : initialized],
    ['Ready', ready],
    ['ContainersReady', containersReady],
    ['PodScheduled', true],
  ]
  return list.reduce(
    (all, [type, fact]) => withFact(all, type, fact, numberAt(pod, 1, 'metadata', 'generation'), now),
    objectsAt(pod, 'status', 'conditions'),
  )
}

/** True, or why not: reason and message. */
type Fact = boolean | readonly [reason: string, message: string]

function withFact(
  all: readonly JsonObject[],
  type: string,
  fact: Fact,
  generation: number,
  now: string,
): readonly JsonObject[] {
  const [reason, message] = typeof fact === 'boolean' ? ['', ''] : fact
  const extra: JsonObject = { observedGeneration: generation, lastProbeTime: null }
  const next = setCondition(all, { type, status: fact === true ? 'True' : 'False', reason, message }, now, extra)
  // Reason and message are left out where there is nothing to say.
  const tidy = next.map((condition) =>
    condition.type !== type
      ? condition
      : Object.fromEntries(Object.entries(condition).filter(([, value]) => value !== '')),
  )
  // In the order of the kubelet, and stable: a condition keeps its place.
  const order = new Map(all.map((condition, index) => [condition.type, index]))
  return [...tidy].sort((a, b) => (order.get(a.type as string) ?? 99) - (order.get(b.type as string) ?? 99))
}

function stateJson(state: ContainerState, id: string): JsonObject {
  switch (state.kind) {
    case 'waiting':
      return { waiting: { reason: state.reason, ...(state.message === undefined ? {} : { message: state.message }) } }
    case 'running':
      return { running: { startedAt: state.startedAt } }
    case 'terminated': {
      const { exitCode, reason, startedAt, finishedAt } = state
      return { terminated: { containerID: id, exitCode, reason, startedAt, finishedAt } }
    }
  }
}

function containerStatus(slot: Slot): JsonObject {
  const running = slot.state.kind === 'running'
  return {
    name: slot.name,
    state: stateJson(slot.state, slot.id),
    lastState: slot.lastState === undefined ? {} : stateJson(slot.lastState, slot.id),
    ready: slot.role === 'init' ? succeeded(slot) : slot.ready,
    restartCount: slot.restarts,
    image: textAt(slot.container, 'image'),
    imageID: '',
    ...(slot.state.kind === 'waiting' && slot.lastState === undefined ? {} : { containerID: slot.id }),
    started: slot.role === 'init' ? false : running,
  }
}

function ephemeralStatus(container: JsonObject): JsonObject {
  return {
    name: textAt(container, 'name'),
    state: { waiting: { reason: 'ContainerCreating' } },
    lastState: {},
    ready: false,
    restartCount: 0,
    image: textAt(container, 'image'),
    imageID: '',
  }
}
