import type { WebhookExplanation } from '@proa/injector'
import { type Cluster, objectName } from '../cluster/cluster.ts'
import type { ObjectName } from '../finding.ts'
import { textAt } from '../reading.ts'
import { sidecarOf } from '../subjects/sidecar.ts'
import { type Subject, subjectsIn } from '../subjects/subjects.ts'
import { askWebhooks, verdictOf } from '../subjects/verdict.ts'
import type { About, Focus } from './focus.ts'
import { objectKey } from './order.ts'

/** The workload, what stands between it and its Pods, the Pods, their namespace and Nodes, and the control plane that injects them. */
export function workloadFocus(cluster: Cluster, subject: Subject): Focus {
  const own = new Set(membersOf(subject).map(objectKey))
  const revisions = revisionsOf(cluster, subject)
  const nodes = new Set(subject.pods.map((pod) => textAt(pod, 'spec', 'nodeName')))
  const { namespace } = subject
  return {
    check: () => true,
    finding(about) {
      if (own.has(objectKey(about.object))) return true
      // A control plane that a namespace misses something of matters to those that one injects.
      if (isNamespace(about.object, namespace)) return about.revision === undefined || revisions.size > 0
      if (about.object.kind === 'Node') return nodes.has(about.object.name)
      if (about.check.scope === 'namespace') return about.object.namespace === namespace
      return isShared(about, revisions)
    },
    names: (object) => own.has(objectKey(object)) || isNamespace(object, namespace),
    namespace,
  }
}

/** The namespace, all that is in it, and the control planes that serve it. */
export function namespaceFocus(cluster: Cluster, namespace: string): Focus {
  const revisions = new Set([
    ...calledRevisions(askWebhooks(cluster, namespace, {})),
    ...subjectsIn(cluster, namespace).flatMap((subject) => [...revisionsOf(cluster, subject)]),
  ])
  return {
    check: () => true,
    finding: (about) =>
      isNamespace(about.object, namespace) || about.object.namespace === namespace || isShared(about, revisions),
    names: (object) => isNamespace(object, namespace),
    namespace,
  }
}

function membersOf({ object, namespace, between, pods, owner }: Subject): readonly ObjectName[] {
  // A Pod names itself; objects between and Pods may lack the namespace where files leave it out.
  return [object, ...[...between, ...pods, ...(owner === undefined ? [] : [owner])].map(objectName)].map((one) => ({
    ...one,
    ...(namespace === '' ? {} : { namespace }),
  }))
}

const isNamespace = ({ kind, name }: ObjectName, namespace: string): boolean =>
  kind === 'Namespace' && name === namespace

/** What is wrong with the cluster as a whole, or with a control plane that serves the target. */
function isShared({ check, object, revision, severity }: About, revisions: ReadonlySet<string>): boolean {
  if ((check.scope !== 'cluster' && check.scope !== 'revision') || object.kind === 'Namespace') return false
  return revision === undefined ? severity === 'error' : revisions.has(revision)
}

/** Control planes that would inject its next Pod, and those that injected the ones there are. */
function revisionsOf(cluster: Cluster, subject: Subject): ReadonlySet<string> {
  const injected = subject.pods.flatMap((pod) => sidecarOf(pod).revision ?? [])
  return new Set([...calledRevisions(verdictOf(cluster, subject).webhooks), ...injected])
}

function calledRevisions({ injectors }: WebhookExplanation): readonly string[] {
  return injectors.flatMap(({ injector, verdict }) => (verdict.called === false ? [] : [injector.revision]))
}
