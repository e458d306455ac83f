import type { JsonObject } from '@proa/kube'
import type { WrittenEvent } from './correlate.ts'
import type { ClusterEvent } from './types.ts'

/** As much as events.k8s.io allows, which shows the same events. */
const LONGEST_MESSAGE = 1024

export interface EventSource {
  readonly component: string
  /** The Pod or host. */
  readonly instance: string
}

/**
 * The namespace that an event is kept in: that of its object. One about a Namespace is kept in that very namespace, where
 * people look for it; others about cluster-scoped objects in `default`, as Kubernetes does.
 */
export function eventNamespace({ regarding }: ClusterEvent): string {
  if (regarding.namespace !== undefined) return regarding.namespace
  return regarding.kind === 'Namespace' ? regarding.name : 'default'
}

/** A core/v1 Event: the form that every `kubectl describe` shows with its count. */
export function eventObject(event: ClusterEvent, source: EventSource, written: WrittenEvent, now: string): JsonObject {
  const { regarding, type, reason } = event
  const namespace = eventNamespace(event)
  const isNamespaced = regarding.namespace !== undefined || regarding.kind === 'Namespace'
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: written.name, namespace },
    involvedObject: {
      apiVersion: regarding.apiVersion,
      kind: regarding.kind,
      name: regarding.name,
      ...(isNamespaced ? { namespace } : {}),
      ...(regarding.uid === undefined ? {} : { uid: regarding.uid }),
    },
    type,
    reason,
    message: cutMessage(event.message),
    source: { component: source.component, host: source.instance },
    reportingComponent: source.component,
    reportingInstance: source.instance,
    firstTimestamp: written.firstTimestamp,
    lastTimestamp: now,
    count: written.count,
  }
}

/** Cut by bytes, but not inside a character. */
export function cutMessage(message: string): string {
  if (Buffer.byteLength(message) <= LONGEST_MESSAGE) return message
  const bytes = Buffer.from(message).subarray(0, LONGEST_MESSAGE - 3)
  let end = bytes.length
  // A byte 10xxxxxx goes on a character; its first byte is before it.
  const whole = Buffer.from(message)
  while (end > 0 && ((whole[end] ?? 0) & 0xc0) === 0x80) end--
  return `${bytes.subarray(0, end).toString('utf8')}…`
}
