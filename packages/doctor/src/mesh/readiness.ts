import type { JsonObject } from '@proa/kube'
import type { Cluster } from '../cluster/cluster.ts'
import { objectsAt } from '../reading.ts'
import { backendPods, backends } from './backends.ts'
import type { Revision } from './revisions.ts'

/** The Pods that answer for a control plane: those behind the services of its webhooks. */
export function injectorPods(cluster: Cluster, { injectors }: Revision): readonly JsonObject[] {
  return backends(cluster)
    .filter((backend) => backend.injectors.some((one) => injectors.includes(one)))
    .flatMap((backend) => backendPods(cluster, backend))
}

export function isReady(pod: JsonObject): boolean {
  return objectsAt(pod, 'status', 'conditions').some((one) => one.type === 'Ready' && one.status === 'True')
}

/** `none-ready` holds only where Pods and the service could be read. */
export function injectorState(cluster: Cluster, revision: Revision): 'ready' | 'none-ready' | 'unknown' {
  const { namespace, injectors } = revision
  if (cluster.unread('Pod', namespace) !== undefined) return 'unknown'
  if (cluster.unread('Service', namespace) !== undefined) return 'unknown'
  if (injectors.every(({ service }) => service === undefined)) return 'unknown'
  return injectorPods(cluster, revision).some(isReady) ? 'ready' : 'none-ready'
}
