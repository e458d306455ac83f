import { type Cluster, objectName, remembered } from '../cluster/cluster.ts'
import { type ClusterEvent, eventsAbout } from '../cluster/events.ts'
import type { Evidence } from '../finding.ts'
import { type Classification, classifyMessage } from '../messages/index.ts'
import { nameOf, textAt, timeAt } from '../reading.ts'
import type { PodCreationProbe } from '../snapshot/types.ts'
import { livePods, type Subject } from './subjects.ts'

/** The API server refused to create a Pod of a workload. */
export interface Refusal extends Classification {
  /** Where its words were found. */
  readonly evidence: Evidence
}

const known: (cluster: Cluster) => Map<Subject, readonly Refusal[]> = remembered(() => new Map())

/**
 * Why Pods of the subject cannot be created, newest first: what its controllers were told, and what a Pod that was tried was told.
 * What was told before its newest Pod was created is over.
 */
export function refusalsOf(cluster: Cluster, subject: Subject): readonly Refusal[] {
  const found = known(cluster).get(subject)
  if (found !== undefined) return found
  const fresh = [...fromProbes(cluster, subject), ...fromEvents(cluster, subject)]
  known(cluster).set(subject, fresh)
  return fresh
}

function fromProbes(cluster: Cluster, { object, namespace, name }: Subject): readonly Refusal[] {
  return cluster.probes
    .filter((probe): probe is PodCreationProbe => probe.kind === 'pod-creation' && probe.namespace === namespace)
    .flatMap(({ workload, outcome }) => {
      if (outcome.kind !== 'refused' || workload?.kind !== object.kind || workload.name !== name) return []
      const label = { en: 'a Pod of it was tried (dry run)', zh: '试建其 Pod（dry run）' }
      return classifyMessage(outcome.message).map((one) => ({
        ...one,
        evidence: { path: 'probes[pod-creation].outcome.message', value: outcome.message, label },
      }))
    })
}

function fromEvents(cluster: Cluster, subject: Subject): readonly Refusal[] {
  const { object, namespace, name, between } = subject
  const newest = timeAt(livePods(subject)[0], 'metadata', 'creationTimestamp')
  const creators = [
    { kind: object.kind, name },
    ...between.map((one) => ({ kind: textAt(one, 'kind'), name: nameOf(one) })),
  ]
  const all = creators
    .flatMap((creator) => eventsAbout(cluster, creator.kind, namespace, creator.name))
    .filter(({ reason, lastSeen }) => {
      if (reason !== 'FailedCreate') return false
      return newest === undefined || (lastSeen !== undefined && lastSeen > newest)
    })
    .toSorted((a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0))
  return all.flatMap((event) => classifyMessage(event.message).map((one) => ({ ...one, evidence: told(event) })))
}

function told({ object, message, count }: ClusterEvent): Evidence {
  const label = { en: `${count} times`, zh: `${count} 次` }
  return { object: objectName(object), path: 'message', value: message, label }
}
