import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { objectsAt } from '../../reading.ts'
import type { Kind } from '../../snapshot/kinds.ts'
import { livePods, type Subject, subjects } from '../../subjects/subjects.ts'

/** What may still make a Pod, or runs: about a Job that has ended and a Pod that has finished there is nothing to decide. */
export const activeSubjects: (cluster: Cluster) => readonly Subject[] = remembered((cluster) =>
  subjects(cluster).filter(isActive),
)

const byNamespace = remembered((cluster) => Map.groupBy(activeSubjects(cluster), ({ namespace }) => namespace))

export function activeSubjectsIn(cluster: Cluster, namespace: string): readonly Subject[] {
  return byNamespace(cluster).get(namespace) ?? []
}

function isActive(subject: Subject): boolean {
  if (subject.object.kind === 'Pod') return livePods(subject).length > 0 || subject.pods.length === 0
  return subject.object.kind !== 'Job' || subject.owner === undefined || !hasEnded(subject.owner)
}

function hasEnded(job: JsonObject): boolean {
  return objectsAt(job, 'status', 'conditions').some(
    ({ type, status }) => (type === 'Complete' || type === 'Failed') && status === 'True',
  )
}

const WORKLOADS: readonly Kind[] = ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Job', 'ReplicaSet', 'Pod']

/**
 * What a check says of each workload. No kind of workload is needed for that, any will do; so what could not be read is said
 * here, and not by `needs`.
 */
export function forSubjects(
  cluster: Cluster,
  judgeSubject: (subject: Subject) => readonly CheckOutcome[],
): readonly CheckOutcome[] {
  const hidden = WORKLOADS.filter((kind) => {
    const unread = cluster.unread(kind)
    return unread !== undefined && unread.reason !== 'not-given'
  })
  const outcomes = activeSubjects(cluster).flatMap(judgeSubject)
  if (hidden.length === 0) return outcomes
  const kinds = hidden.join(', ')
  const reason = { en: `workloads could not be read: ${kinds}`, zh: `无法读取工作负载：${kinds}` }
  return [...outcomes, { outcome: 'not-evaluated', reason }]
}
