import type { JsonObject } from '@proa/kube'
import type { ClusterApi } from '../../api/types.ts'
import type { Activity } from '../activity.ts'
import { type Clock, timestamp } from '../clock.ts'
import { nameOf, namespaceOf, textAt, uidOf } from '../fields.ts'
import { createCorrelator } from './correlate.ts'

export interface Recorder {
  /** Writes an Event about the object, in the background; a failure to do so is no failure of the caller. */
  event(object: JsonObject, type: 'Normal' | 'Warning', reason: string, message: string, fieldPath?: string): void
}

export interface RecorderOptions {
  readonly api: ClusterApi
  readonly clock: Clock
  readonly activity: Activity
  /** `replicaset-controller`: who says it. */
  readonly component: string
  /** The Node, for the kubelet. */
  readonly host?: string
  /** Counts up, over all recorders of a cluster: it makes the names of Events differ within a millisecond. */
  readonly serial: () => number
}

/** The API server refuses longer messages. */
const LONGEST_MESSAGE = 1024

export function createRecorder(options: RecorderOptions): Recorder {
  const { api, clock, activity } = options
  const correlator = createCorrelator(timestamp)
  let last: Promise<void> = Promise.resolve()
  return {
    event(object, type, reason, message, fieldPath) {
      const now = clock.now()
      const involved = reference(object, fieldPath)
      const correlated = correlator.correlate(
        { object: JSON.stringify({ ...involved, resourceVersion: '' }), type, reason, message },
        // client-go takes the nanoseconds; a counter stands in for those that our clock lacks.
        `${nameOf(object)}.${(BigInt(now.getTime()) * 1_000_000n + BigInt(options.serial() % 1_000_000)).toString(16)}`,
        now,
      )
      if (correlated.kind === 'dropped') return
      const source = { component: options.component, ...(options.host === undefined ? {} : { host: options.host }) }
      const event: JsonObject = {
        apiVersion: 'v1',
        kind: 'Event',
        metadata: { name: correlated.name, namespace: namespaceOf(object) || 'default' },
        involvedObject: involved,
        reason,
        message: correlated.message.slice(0, LONGEST_MESSAGE),
        source,
        firstTimestamp: correlated.firstTimestamp,
        lastTimestamp: timestamp(now),
        count: correlated.count,
        type,
        eventTime: null,
        reportingComponent: options.component,
        reportingInstance: options.host ?? '',
      }
      last = activity.track(last.then(() => write(api, event)))
    },
  }
}

function reference(object: JsonObject, fieldPath: string | undefined): JsonObject {
  return {
    kind: textAt(object, 'kind'),
    namespace: namespaceOf(object),
    name: nameOf(object),
    uid: uidOf(object),
    apiVersion: textAt(object, 'apiVersion'),
    resourceVersion: textAt(object, 'metadata', 'resourceVersion'),
    ...(fieldPath === undefined ? {} : { fieldPath }),
  }
}

async function write(api: ClusterApi, event: JsonObject): Promise<void> {
  try {
    const key = { apiVersion: 'v1', kind: 'Event', name: nameOf(event), namespace: namespaceOf(event) }
    const known = event.count === 1 ? undefined : api.find(key)
    if (known === undefined) await api.create(event)
    else
      await api.update({
        ...known,
        count: event.count ?? 1,
        lastTimestamp: event.lastTimestamp ?? null,
        message: event.message ?? '',
      })
  } catch {
    // As client-go: an event that the API refuses (its namespace is going, say) is let go.
  }
}
