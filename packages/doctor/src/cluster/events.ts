import type { JsonObject } from '@proa/kube'
import { numberAt, textAt, timeAt } from '../reading.ts'
import { type Cluster, remembered } from './cluster.ts'

/** An Event of Kubernetes, read. */
export interface ClusterEvent {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly uid: string
  readonly type: string
  readonly reason: string
  readonly message: string
  readonly count: number
  /** Milliseconds; undefined when the event names no time. */
  readonly lastSeen: number | undefined
  readonly object: JsonObject
}

/** All events, newest first. */
export const events: (cluster: Cluster) => readonly ClusterEvent[] = remembered((cluster) =>
  cluster
    .all('Event')
    .map(readEvent)
    .toSorted((a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0)),
)

const byObject = remembered((cluster) => Map.groupBy(events(cluster), (event) => keyOf(event)))

const keyOf = ({ kind, namespace, name }: { kind: string; namespace: string; name: string }): string =>
  `${kind}/${namespace}/${name}`

/** The events about an object, newest first. */
export function eventsAbout(cluster: Cluster, kind: string, namespace: string, name: string): readonly ClusterEvent[] {
  return byObject(cluster).get(keyOf({ kind, namespace, name })) ?? []
}

function readEvent(object: JsonObject): ClusterEvent {
  const about = 'involvedObject' in object ? 'involvedObject' : 'regarding'
  return {
    kind: textAt(object, about, 'kind'),
    namespace: textAt(object, about, 'namespace'),
    name: textAt(object, about, 'name'),
    uid: textAt(object, about, 'uid'),
    type: textAt(object, 'type'),
    reason: textAt(object, 'reason'),
    message: textAt(object, 'message') || textAt(object, 'note'),
    count: numberAt(object, 'count') ?? numberAt(object, 'series', 'count') ?? 1,
    lastSeen:
      timeAt(object, 'series', 'lastObservedTime') ??
      timeAt(object, 'lastTimestamp') ??
      timeAt(object, 'eventTime') ??
      timeAt(object, 'metadata', 'creationTimestamp'),
    object,
  }
}
