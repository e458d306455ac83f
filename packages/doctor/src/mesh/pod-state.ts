import type { JsonObject } from '@proa/kube'
import type { Cluster } from '../cluster/cluster.ts'
import { eventsAbout } from '../cluster/events.ts'
import type { Evidence } from '../finding.ts'
import { isTrueAt, nameOf, namespaceOf, numberAt, objectAt, objectsAt, textAt, timeAt } from '../reading.ts'

/** Why a Pod is not ready. */
export type PodTrouble =
  | 'image'
  | 'crashing'
  | 'out-of-memory'
  | 'configuration'
  | 'unschedulable'
  | 'probe'
  | 'init'
  | 'creating'
  | 'evicted'
  | 'unknown'

export interface PodState {
  readonly pod: JsonObject
  readonly ready: boolean
  readonly trouble: PodTrouble | undefined
  readonly container: string | undefined
  /** In Kubernetes' words: `CrashLoopBackOff`, `Unschedulable`, `ErrImagePull` … */
  readonly reason: string
  /** What Kubernetes or the container says about it; "" when nothing. */
  readonly message: string
  readonly restarts: number
  /** Seconds since it was created; undefined when that is not written. */
  readonly age: number | undefined
  readonly evidence: readonly Evidence[]
}

const IMAGE_REASONS = new Set([
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'ErrImageNeverPull',
  'ImageInspectError',
  'RegistryUnavailable',
])
const CONFIGURATION_REASONS = new Set([
  'CreateContainerConfigError',
  'CreateContainerError',
  'RunContainerError',
  'StartError',
])

/** What the status of a Pod, its Events and the end of its log say of its readiness. */
export function podState(cluster: Cluster, pod: JsonObject): PodState {
  const ready = objectsAt(pod, 'status', 'conditions').some((one) => one.type === 'Ready' && one.status === 'True')
  const statuses = containerStatuses(pod)
  const created = timeAt(pod, 'metadata', 'creationTimestamp')
  const base = {
    pod,
    ready,
    restarts: statuses.reduce((sum, { status }) => sum + (numberAt(status, 'restartCount') ?? 0), 0),
    age: created === undefined ? undefined : (cluster.now.getTime() - created) / 1000,
  }
  if (ready) return { ...base, trouble: undefined, container: undefined, reason: '', message: '', evidence: [] }
  const found =
    evicted(pod) ?? unscheduled(pod) ?? firstTrouble(statuses) ?? waitingForReadiness(cluster, pod, statuses)
  return { ...base, ...found, evidence: [...found.evidence, ...logEvidence(cluster, pod, found.container)] }
}

type Found = Pick<PodState, 'trouble' | 'container' | 'reason' | 'message' | 'evidence'>

interface ContainerStatus {
  readonly status: JsonObject
  readonly path: string
  readonly init: boolean
}

function containerStatuses(pod: JsonObject): readonly ContainerStatus[] {
  const list = (field: string, init: boolean): readonly ContainerStatus[] =>
    objectsAt(pod, 'status', field).map((status, index) => ({ status, path: `status.${field}[${index}]`, init }))
  return [...list('initContainerStatuses', true), ...list('containerStatuses', false)]
}

function evicted(pod: JsonObject): Found | undefined {
  if (textAt(pod, 'status', 'phase') !== 'Failed') return undefined
  const reason = textAt(pod, 'status', 'reason') || 'Failed'
  const message = textAt(pod, 'status', 'message')
  return {
    trouble: 'evicted',
    container: undefined,
    reason,
    message,
    evidence: [{ path: 'status.reason', value: reason }],
  }
}

function unscheduled(pod: JsonObject): Found | undefined {
  const conditions = objectsAt(pod, 'status', 'conditions')
  const index = conditions.findIndex((one) => one.type === 'PodScheduled' && one.status === 'False')
  const condition = conditions[index]
  if (condition === undefined) return undefined
  const message = textAt(condition, 'message')
  return {
    trouble: 'unschedulable',
    container: undefined,
    reason: textAt(condition, 'reason') || 'Unschedulable',
    message,
    evidence: [{ path: `status.conditions[${index}].message`, value: message }],
  }
}

/** The first container that waits for something that will not come by itself. */
function firstTrouble(statuses: readonly ContainerStatus[]): Found | undefined {
  for (const { status, path, init } of statuses) {
    const waiting = objectAt(status, 'state', 'waiting')
    const reason = textAt(waiting, 'reason')
    const container = textAt(status, 'name')
    const waits = { path: `${path}.state.waiting`, value: waiting }
    const message = textAt(waiting, 'message')
    if (IMAGE_REASONS.has(reason)) return { trouble: 'image', container, reason, message, evidence: [waits] }
    if (CONFIGURATION_REASONS.has(reason)) {
      return { trouble: 'configuration', container, reason, message, evidence: [waits] }
    }
    const died = lastDeath(status, path)
    if (died !== undefined && !isTrueAt(status, 'ready') && !(init && died.exitCode === 0)) {
      const trouble = died.reason === 'OOMKilled' ? 'out-of-memory' : init ? 'init' : 'crashing'
      const said = died.message === '' ? `exit code ${died.exitCode}` : died.message
      const evidence = reason === '' ? [died.evidence] : [waits, died.evidence]
      return { trouble, container, reason: reason || died.reason, message: said, evidence }
    }
    if (reason === 'CrashLoopBackOff') return { trouble: 'crashing', container, reason, message, evidence: [waits] }
  }
  return undefined
}

interface Death {
  readonly reason: string
  readonly exitCode: number
  readonly message: string
  readonly evidence: Evidence
}

function lastDeath(status: JsonObject, path: string): Death | undefined {
  for (const field of ['state', 'lastState'] as const) {
    const terminated = objectAt(status, field, 'terminated')
    const exitCode = numberAt(terminated, 'exitCode')
    if (exitCode === undefined) continue
    return {
      reason: textAt(terminated, 'reason') || 'Error',
      exitCode,
      message: textAt(terminated, 'message').trim(),
      evidence: { path: `${path}.${field}.terminated`, value: terminated },
    }
  }
  return undefined
}

/** All run and one is not ready, or the Pod is still being made. */
function waitingForReadiness(cluster: Cluster, pod: JsonObject, statuses: readonly ContainerStatus[]): Found {
  const name = nameOf(pod)
  const unready = statuses.find(({ status, init }) => !init && status.ready === false)
  const container = unready === undefined ? undefined : textAt(unready.status, 'name')
  const running = Object.keys(objectAt(unready?.status, 'state', 'running')).length > 0
  const about = eventsAbout(cluster, 'Pod', namespaceOf(pod), name)
  const event = about.find(({ reason }) =>
    running ? reason === 'Unhealthy' : reason === 'FailedMount' || reason.startsWith('Failed'),
  )
  const said: Evidence[] =
    event === undefined
      ? []
      : [
          {
            object: { kind: 'Event', namespace: event.namespace, name: nameOf(event.object) },
            path: 'message',
            value: event.message,
          },
        ]
  const shown: Evidence[] =
    unready === undefined
      ? [{ path: 'status.phase', value: textAt(pod, 'status', 'phase') }]
      : [{ path: `${unready.path}.ready`, value: false }]
  return {
    trouble: running ? 'probe' : unready === undefined && statuses.length > 0 ? 'unknown' : 'creating',
    container,
    reason: event?.reason ?? (textAt(unready?.status, 'state', 'waiting', 'reason') || 'NotReady'),
    message: event?.message ?? '',
    evidence: [...shown, ...said],
  }
}

/** Lines that a person reads first. */
const LAST_LINES = 5

/** The end of the log of the container before it died, else of the one that runs. */
function logEvidence(cluster: Cluster, pod: JsonObject, container: string | undefined): readonly Evidence[] {
  const own = cluster.logs.filter(
    (log) =>
      log.namespace === namespaceOf(pod) &&
      log.pod === nameOf(pod) &&
      (container === undefined || log.container === container) &&
      log.tail.trim() !== '',
  )
  const log = own.find(({ previous }) => previous) ?? own[0]
  if (log === undefined) return []
  const lines = log.tail.trimEnd().split('\n').slice(-LAST_LINES).join('\n')
  const which = log.previous ? `log of ${log.container}, before it was started again` : `log of ${log.container}`
  return [{ path: which, value: lines }]
}
