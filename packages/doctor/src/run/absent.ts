import { nearest } from '@proa/injector'
import type { Cluster } from '../cluster/cluster.ts'
import type { ObjectName } from '../finding.ts'
import { objectTitle } from '../naming.ts'
import { nameOf } from '../reading.ts'
import type { AbsentTarget, Target } from '../report.ts'
import { ALL_KINDS } from '../snapshot/kinds.ts'
import type { UnreadReason } from '../snapshot/types.ts'
import { findSubject, type Subject, subjects, subjectsIn } from '../subjects/subjects.ts'

/** Why nothing can be said about the target: it is not in the snapshot. Undefined when it is there. */
export function absentTarget(cluster: Cluster, target: Target): AbsentTarget | undefined {
  if (target.kind === 'workload') return absentWorkload(cluster, target)
  return target.kind === 'namespace' ? absentNamespace(cluster, target.name) : undefined
}

type WorkloadTarget = Extract<Target, { kind: 'workload' }>

function absentWorkload(cluster: Cluster, { workload, namespace, name }: WorkloadTarget): AbsentTarget | undefined {
  if (findSubject(cluster, workload, namespace, name) !== undefined) return undefined
  const object = { kind: workload, namespace, name }
  const kind = ALL_KINDS.find((one) => one === workload)
  const unread = kind && cluster.unread(kind, namespace)
  return absent(object, unread?.reason, similarWorkloads(cluster, object))
}

function absentNamespace(cluster: Cluster, name: string): AbsentTarget | undefined {
  // Files often have the objects of a namespace without the namespace.
  if (cluster.find('Namespace', '', name) !== undefined || subjectsIn(cluster, name).length > 0) return undefined
  const near = nearest(name, cluster.all('Namespace').map(nameOf))
  const similar = near === undefined ? [] : [{ kind: 'Namespace', name: near }]
  return absent({ kind: 'Namespace', name }, cluster.unread('Namespace')?.reason, similar)
}

function absent(object: ObjectName, unread: UnreadReason | undefined, similar: readonly ObjectName[]): AbsentTarget {
  const title = objectTitle(object)
  if (unread === 'not-given')
    return { object, similar, reason: { en: `${title} is not among the given files`, zh: `所给文件中没有 ${title}` } }
  if (unread !== undefined)
    return {
      object,
      similar,
      reason: { en: `${title} could not be read (${unread})`, zh: `无法读取 ${title}（${unread}）` },
    }
  return { object, similar, reason: { en: `there is no ${title}`, zh: `${title} 不存在` } }
}

const MOST = 5

/** The name with another kind, in another namespace, or mistyped. */
function similarWorkloads(cluster: Cluster, { kind, namespace = '', name }: ObjectName): readonly ObjectName[] {
  const here = subjectsIn(cluster, namespace)
  const meant = nearest(
    name,
    here.flatMap((subject) => namesOf(subject, kind)),
  )
  const mistyped = meant === undefined ? [] : [{ kind, namespace, name: meant }]
  const otherKind = here.filter((subject) => subject.name === name).map(({ object }) => object)
  const elsewhere = subjects(cluster).filter((one) => one.namespace !== namespace && namesOf(one, kind).includes(name))
  const same = elsewhere.map((one) => ({ kind, namespace: one.namespace, name }))
  return [...otherKind, ...mistyped, ...same].slice(0, MOST)
}

function namesOf({ object, pods }: Subject, kind: string): readonly string[] {
  return kind === 'Pod' ? pods.map(nameOf) : object.kind === kind ? [object.name] : []
}
