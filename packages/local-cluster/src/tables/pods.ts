/** Pods: the status that `kubectl get pods` shows is made from the states of all containers. */
import type { JsonObject } from '@proa/kube'
import { columns, type TablePrinter } from './column.ts'
import { humanDuration, timeSince } from './human-duration.ts'
import { at, conditionStatus, numberAt, objectsAt, orNone, sizeAt, textAt } from './read.ts'

export const POD_PRINTER: TablePrinter = {
  columns: columns('Name Ready Status Restarts Age IP!1 Node!1 Nominated_Node!1 Readiness_Gates!1'),
  cells: (pod, now) => {
    const { ready, total, reason, restarts, lastRestart } = summaryOf(pod)
    const ago = restarts !== 0 && lastRestart !== undefined ? ` (${humanDuration(now - lastRestart)} ago)` : ''
    return [
      textAt(pod, 'metadata', 'name'),
      `${ready}/${total}`,
      reason,
      `${restarts}${ago}`,
      timeSince(textAt(pod, 'metadata', 'creationTimestamp'), now),
      orNone(textAt(objectsAt(pod, 'status', 'podIPs')[0], 'ip')),
      orNone(textAt(pod, 'spec', 'nodeName')),
      orNone(textAt(pod, 'status', 'nominatedNodeName')),
      readinessGates(pod),
    ]
  },
  conditions: (pod) => {
    switch (textAt(pod, 'status', 'phase')) {
      case 'Succeeded':
        return [ended('Succeeded', 'The pod has completed successfully.')]
      case 'Failed':
        return [ended('Failed', 'The pod failed.')]
      default:
        return []
    }
  },
}

function ended(reason: string, message: string): JsonObject {
  return { type: 'Completed', status: 'True', reason, message }
}

function readinessGates(pod: JsonObject): string {
  const gates = objectsAt(pod, 'spec', 'readinessGates')
  if (gates.length === 0) return '<none>'
  const open = gates.filter((gate) => conditionStatus(pod, textAt(gate, 'conditionType')) === 'True')
  return `${open.length}/${gates.length}`
}

interface PodSummary {
  readonly ready: number
  readonly total: number
  readonly reason: string
  readonly restarts: number
  /** Milliseconds since 1970. */
  readonly lastRestart: number | undefined
}

interface Init {
  /** Why the Pod is still being initialized; undefined when it is not. */
  readonly reason: string | undefined
  readonly ready: number
  readonly all: Restarts
  readonly sidecars: Restarts
}

interface Restarts {
  count: number
  last: number | undefined
}

/** READY, STATUS and RESTARTS. Native sidecars count as containers. */
function summaryOf(pod: JsonObject): PodSummary {
  const total = sizeAt(pod, 'spec', 'containers') + objectsAt(pod, 'spec', 'initContainers').filter(isSidecar).length
  const init = initOf(pod)
  let reason = init.reason ?? phaseReason(pod)
  let ready = init.ready
  let restarts = init.all
  if (init.reason === undefined || conditionStatus(pod, 'Initialized') === 'True') {
    const main = mainOf(pod, reason, init.sidecars)
    reason = main.reason
    ready += main.ready
    restarts = main.restarts
  }
  return { ready, total, reason: deletionReason(pod) ?? reason, restarts: restarts.count, lastRestart: restarts.last }
}

function isSidecar(container: JsonObject | undefined): boolean {
  return textAt(container, 'restartPolicy') === 'Always'
}

function phaseReason(pod: JsonObject): string {
  const gated = objectsAt(pod, 'status', 'conditions').some(
    (condition) => condition.type === 'PodScheduled' && condition.reason === 'SchedulingGated',
  )
  if (gated) return 'SchedulingGated'
  return textAt(pod, 'status', 'reason') || textAt(pod, 'status', 'phase')
}

function deletionReason(pod: JsonObject): string | undefined {
  if (at(pod, 'metadata', 'deletionTimestamp') === undefined) return undefined
  if (textAt(pod, 'status', 'reason') === 'NodeLost') return 'Unknown'
  const phase = textAt(pod, 'status', 'phase')
  return phase === 'Succeeded' || phase === 'Failed' ? undefined : 'Terminating'
}

function countRestarts(restarts: Restarts, status: JsonObject): void {
  restarts.count += numberAt(status, 'restartCount')
  const finished = Date.parse(textAt(status, 'lastState', 'terminated', 'finishedAt'))
  if (!Number.isNaN(finished)) restarts.last = Math.max(restarts.last ?? finished, finished)
}

function initOf(pod: JsonObject): Init {
  const specs = objectsAt(pod, 'spec', 'initContainers')
  const all: Restarts = { count: 0, last: undefined }
  const sidecars: Restarts = { count: 0, last: undefined }
  let ready = 0
  for (const [index, status] of objectsAt(pod, 'status', 'initContainerStatuses').entries()) {
    const sidecar = isSidecar(specs.find((spec) => spec.name === status.name))
    countRestarts(all, status)
    if (sidecar) countRestarts(sidecars, status)
    const terminated = at(status, 'state', 'terminated')
    if (terminated !== undefined && numberAt(terminated, 'exitCode') === 0) continue
    if (sidecar && status.started === true) {
      ready += Number(status.ready === true)
      continue
    }
    const waiting = textAt(status, 'state', 'waiting', 'reason')
    let reason = `Init:${index}/${specs.length}`
    if (terminated !== undefined) reason = `Init:${endReason(status)}`
    else if (waiting !== '' && waiting !== 'PodInitializing') reason = `Init:${waiting}`
    return { reason, ready, all, sidecars }
  }
  return { reason: undefined, ready, all, sidecars }
}

function endReason(status: JsonObject): string {
  const terminated = at(status, 'state', 'terminated')
  const signal = numberAt(terminated, 'signal')
  const without = signal === 0 ? `ExitCode:${numberAt(terminated, 'exitCode')}` : `Signal:${signal}`
  return textAt(terminated, 'reason') || without
}

function mainOf(
  pod: JsonObject,
  start: string,
  sidecars: Restarts,
): { reason: string; ready: number; restarts: Restarts } {
  const restarts: Restarts = { ...sidecars }
  let [reason, ready] = [start, 0]
  // Backwards, so that the first container that has something to say is heard.
  for (const status of objectsAt(pod, 'status', 'containerStatuses').toReversed()) {
    countRestarts(restarts, status)
    const waiting = textAt(status, 'state', 'waiting', 'reason')
    if (waiting !== '') reason = waiting
    else if (at(status, 'state', 'terminated') !== undefined) reason = endReason(status)
    else if (status.ready === true && at(status, 'state', 'running') !== undefined) ready++
  }
  // Some containers ended well, others still run.
  if (reason === 'Completed' && ready > 0) {
    reason = conditionStatus(pod, 'Ready') === 'True' ? 'Running' : 'NotReady'
  }
  return { reason, ready, restarts }
}
