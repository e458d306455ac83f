import type { Cluster } from '../cluster/cluster.ts'
import { objectName } from '../cluster/cluster.ts'
import { events } from '../cluster/events.ts'
import type { Evidence, ObjectName } from '../finding.ts'
import { objectsAt, textAt, timeAt } from '../reading.ts'
import type { Kind } from '../snapshot/kinds.ts'
import type { ContainerLog, PodCreationProbe } from '../snapshot/types.ts'

/** Once that something failed to be created, and where that is written. */
export interface Sighting {
  readonly source: 'event' | 'condition' | 'probe' | 'log'
  /** What could not create its Pod: the ReplicaSet, the Job, the workload that was tried; the API server for its log. */
  readonly object: ObjectName
  /** The whole text. */
  readonly message: string
  readonly count: number
  /** Milliseconds; undefined when nothing says when. */
  readonly lastSeen: number | undefined
  readonly evidence: Evidence
}

/** A text in a snapshot that may say why a Pod was not created. */
export interface SaidText {
  readonly sighting: Sighting
  readonly ongoing: boolean
}

/** Events of controllers that could not create a Pod: ReplicaSets, Jobs, StatefulSets, DaemonSets, and those of other makers. */
export function eventTexts(cluster: Cluster): readonly SaidText[] {
  return events(cluster)
    .filter(
      ({ reason, message, type }) => reason === 'FailedCreate' || (type !== 'Normal' && OF_ADMISSION.test(message)),
    )
    .map(({ kind, namespace, name, message, count, lastSeen, object }) => ({
      ongoing: false,
      sighting: {
        source: 'event',
        object: { kind, ...(namespace === '' ? {} : { namespace }), name },
        message,
        count,
        lastSeen,
        evidence: {
          object: objectName(object),
          path: textAt(object, 'message') === '' && textAt(object, 'note') !== '' ? 'note' : 'message',
          value: message,
        },
      },
    }))
}

const OF_ADMISSION = /calling (?:admission )?webhook|admission webhook|Error creating/i

/** Kinds that write the API server's words into their conditions. */
const WITH_CONDITIONS: readonly Kind[] = [
  'Deployment',
  'ReplicaSet',
  'ReplicationController',
  'Rollout',
  'KnativeService',
]
const MAY_SAY_WHY = /webhook|forbidden|is invalid|quota|error occurred/i

/** `ReplicaFailure` and what is like it. It stays until its controller has tried again. */
export function conditionTexts(cluster: Cluster): readonly SaidText[] {
  return WITH_CONDITIONS.flatMap((kind) =>
    cluster.all(kind).flatMap((object) =>
      objectsAt(object, 'status', 'conditions').flatMap((condition, index) => {
        const message = textAt(condition, 'message')
        if (!isFailing(condition) || !MAY_SAY_WHY.test(message)) return []
        const sighting: Sighting = {
          source: 'condition',
          object: objectName(object),
          message,
          count: 1,
          lastSeen: timeAt(condition, 'lastUpdateTime') ?? timeAt(condition, 'lastTransitionTime'),
          evidence: { object: objectName(object), path: `status.conditions[${index}].message`, value: message },
        }
        return [{ sighting, ongoing: false }]
      }),
    ),
  )
}

function isFailing(condition: Parameters<typeof textAt>[0]): boolean {
  const bad = textAt(condition, 'type') === 'ReplicaFailure' ? 'True' : 'False'
  return textAt(condition, 'status') === bad
}

/** Pods that were tried and refused when the snapshot was taken. */
export function probeTexts(cluster: Cluster): readonly SaidText[] {
  return cluster.probes.flatMap((probe, index) => {
    if (probe.kind !== 'pod-creation' || probe.outcome.kind !== 'refused') return []
    const { message } = probe.outcome
    const sighting: Sighting = {
      source: 'probe',
      object: triedObject(probe),
      message,
      count: 1,
      lastSeen: Number.isNaN(cluster.now.getTime()) ? undefined : cluster.now.getTime(),
      evidence: {
        path: `probes[${index}].outcome.message`,
        value: message,
        label: { en: 'a Pod was tried (dry run)', zh: '试建 Pod（dry run）' },
      },
    }
    return [{ sighting, ongoing: true }]
  })
}

function triedObject({ namespace, workload }: PodCreationProbe): Sighting['object'] {
  return workload === undefined ? { kind: 'Namespace', name: namespace } : { ...workload, namespace }
}

/** The line of klog: `W1120 10:00:00.123456       1 dispatcher.go:210] …`, in the time of the API server's machine, without year. */
const KLOG = /^[IWEF](\d\d)(\d\d) (\d\d):(\d\d):(\d\d)/

/** What API servers wrote of webhooks that they could not call, also where they went on without them. */
export function logTexts(cluster: Cluster): readonly SaidText[] {
  return cluster.logs
    .filter(({ container }) => container === 'kube-apiserver')
    .flatMap((log) =>
      log.tail
        .split('\n')
        .filter((line) => /calling (?:admission )?webhook/i.test(line))
        .map((line) => ({ ongoing: false, sighting: fromLog(cluster, log, line) })),
    )
}

function fromLog(cluster: Cluster, { namespace, pod, container }: ContainerLog, line: string): Sighting {
  const object = { apiVersion: 'v1', kind: 'Pod', namespace, name: pod }
  return {
    source: 'log',
    object,
    message: line,
    count: 1,
    lastSeen: timeOfLine(cluster, line),
    evidence: { object, path: `log of ${container}`, value: line },
  }
}

function timeOfLine(cluster: Cluster, line: string): number | undefined {
  const found = KLOG.exec(line.slice(Math.max(0, line.search(/[IWEF]\d{4} /))))
  if (found === null || Number.isNaN(cluster.now.getTime())) return undefined
  const [month = 1, day = 1, hour = 0, minute = 0, second = 0] = found.slice(1).map(Number)
  const year = cluster.now.getUTCFullYear()
  const time = Date.UTC(year, month - 1, day, hour, minute, second)
  // A line of December in a snapshot of January.
  return time > cluster.now.getTime() + DAY ? Date.UTC(year - 1, month - 1, day, hour, minute, second) : time
}

const DAY = 24 * 3600 * 1000
