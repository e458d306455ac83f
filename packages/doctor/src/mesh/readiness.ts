import { isObject, type JsonObject, selectorMatches } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { objectAt, objectsAt, textAt, timeAt } from '../reading.ts'
import type { Revision } from './revisions.ts'

/** The Pods that answer for a control plane: those that the service of its webhooks selects. */
export function injectorPods(cluster: Cluster, revision: Revision): readonly JsonObject[] {
  const known = podsByRevision(cluster)
  const found = known.get(revision) ?? podsOf(cluster, revision)
  known.set(revision, found)
  return found
}

const podsByRevision: (cluster: Cluster) => Map<Revision, readonly JsonObject[]> = remembered(() => new Map())

function podsOf(cluster: Cluster, { injectors }: Revision): readonly JsonObject[] {
  const services = new Map(
    injectors.flatMap(({ service }) =>
      service === undefined ? [] : [[`${service.namespace}/${service.name}`, service] as const],
    ),
  )
  return [...services.values()].flatMap(({ namespace, name }) => {
    const selector = objectAt(cluster.find('Service', namespace, name), 'spec', 'selector')
    if (Object.keys(selector).length === 0) return []
    return cluster.inNamespace('Pod', namespace).filter((pod) => isSelected(pod, selector))
  })
}

function isSelected(pod: JsonObject, selector: JsonObject): boolean {
  const labels = objectAt(pod, 'metadata', 'labels')
  const requirements = Object.entries(selector).map(([key, value]) => ({
    key,
    operator: 'In' as const,
    values: [String(value)],
    path: [],
  }))
  return selectorMatches({ requirements }, isObject(labels) ? labels : {})
}

export function isReady(pod: JsonObject): boolean {
  return objectsAt(pod, 'status', 'conditions').some((one) => one.type === 'Ready' && one.status === 'True')
}

/** Since when a Pod is ready, in milliseconds; undefined when it is not, or when that is not written. */
export function readySince(pod: JsonObject): number | undefined {
  const condition = objectsAt(pod, 'status', 'conditions').find((one) => textAt(one, 'type') === 'Ready')
  return textAt(condition, 'status') === 'True' ? timeAt(condition, 'lastTransitionTime') : undefined
}

/** `none-ready` holds only where Pods and the service could be read. */
export function injectorState(cluster: Cluster, revision: Revision): 'ready' | 'none-ready' | 'unknown' {
  if (cluster.unread('Pod', revision.namespace) !== undefined) return 'unknown'
  if (cluster.unread('Service', revision.namespace) !== undefined) return 'unknown'
  if (revision.injectors.every(({ service }) => service === undefined)) return 'unknown'
  return injectorPods(cluster, revision).some(isReady) ? 'ready' : 'none-ready'
}
