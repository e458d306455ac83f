import type { JsonObject } from '@proa/kube'
import { objectAt, objectsAt, textAt } from '../controllers/fields.ts'
import { type ContainerLog, createContainerLog } from './container-log.ts'
import type { RunningContainer } from './types.ts'

/** As the kubelet reports it in `state`. Times are RFC 3339. */
export type ContainerState =
  | { readonly kind: 'waiting'; readonly reason: string; readonly message?: string }
  | { readonly kind: 'running'; readonly startedAt: string }
  | {
      readonly kind: 'terminated'
      readonly exitCode: number
      readonly reason: string
      readonly startedAt: string
      readonly finishedAt: string
    }

/** One container of a Pod, and what has become of it. */
export interface Slot {
  readonly container: JsonObject
  readonly name: string
  readonly role: 'init' | 'sidecar' | 'main'
  readonly id: string
  readonly log: ContainerLog
  state: ContainerState
  lastState: ContainerState | undefined
  restarts: number
  ready: boolean
  /** The process, when the image is one that the embedder runs. */
  process: RunningContainer | undefined
  /** Calls off what waits for a time: the next probe, the next start. */
  cancel: (() => void) | undefined
}

/** Containers in the order in which they start; a native sidecar is an init container that stays. */
export function slotsOf(pod: JsonObject, id: () => string, now: () => number): readonly Slot[] {
  const slot = (container: JsonObject, role: Slot['role']): Slot => ({
    container,
    name: textAt(container, 'name'),
    role,
    id: `local://${id()}`,
    log: createContainerLog(now),
    state: { kind: 'waiting', reason: role === 'main' && hasInit(pod) ? 'PodInitializing' : 'ContainerCreating' },
    lastState: undefined,
    restarts: 0,
    ready: false,
    process: undefined,
    cancel: undefined,
  })
  const inits = objectsAt(pod, 'spec', 'initContainers')
  return [
    ...inits.map((container) => slot(container, container.restartPolicy === 'Always' ? 'sidecar' : 'init')),
    ...objectsAt(pod, 'spec', 'containers').map((container) => slot(container, 'main')),
  ]
}

function hasInit(pod: JsonObject): boolean {
  return objectsAt(pod, 'spec', 'initContainers').length > 0
}

export function isStarted(slot: Slot): boolean {
  return slot.state.kind === 'running'
}

export function hasSucceeded(slot: Slot): boolean {
  return slot.state.kind === 'terminated' && slot.state.exitCode === 0
}

/** `spec.containers{web}`: where in the Pod an Event points to. */
export function fieldPathOf(slot: Slot): string {
  return `spec.${slot.role === 'main' ? 'containers' : 'initContainers'}{${slot.name}}`
}

/** Whether the container is asked before it counts as ready. Only where it really runs is there anybody to ask. */
export function readinessProbeOf(slot: Slot): JsonObject | undefined {
  const probe = objectAt(slot.container, 'readinessProbe')
  return slot.process !== undefined && Object.keys(probe).length > 0 ? probe : undefined
}
