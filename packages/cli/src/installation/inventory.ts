import type { JsonObject } from '@proa/kube'
import { isNotFound, type KindRef, type KubeClient } from '@proa/kube-client'
import { APP_NAME, injectorName, isClusterNameOf, LABEL } from '@proa/manifests'
import { labelOf, listAt, textAt } from './objects.ts'

const ADMISSION = 'admissionregistration.k8s.io/v1'
const RBAC = 'rbac.authorization.k8s.io/v1'

interface Kind extends KindRef {
  readonly namespaced: boolean
}

const kind = (apiVersion: string, name: string, namespaced: boolean): Kind => ({ apiVersion, kind: name, namespaced })

/** What an installation may consist of, in the order of deletion: whatever can hold up Pods goes first. */
const KINDS: readonly Kind[] = [
  kind(ADMISSION, 'MutatingWebhookConfiguration', false),
  kind(ADMISSION, 'ValidatingAdmissionPolicyBinding', false),
  kind(ADMISSION, 'ValidatingAdmissionPolicy', false),
  kind('monitoring.coreos.com/v1', 'ServiceMonitor', true),
  kind('apps/v1', 'Deployment', true),
  kind('policy/v1', 'PodDisruptionBudget', true),
  kind('v1', 'Service', true),
  kind('networking.k8s.io/v1', 'NetworkPolicy', true),
  kind('v1', 'ConfigMap', true),
  kind('coordination.k8s.io/v1', 'Lease', true),
  kind('v1', 'Secret', true),
  kind(RBAC, 'RoleBinding', true),
  kind(RBAC, 'Role', true),
  kind(RBAC, 'ClusterRoleBinding', false),
  kind(RBAC, 'ClusterRole', false),
  kind('v1', 'ServiceAccount', true),
]

/** Everything in the cluster that belongs to an installation, in the order of deletion. */
export async function inventory(client: KubeClient, namespace: string, revision: string): Promise<JsonObject[]> {
  const labelSelector = `${LABEL.name}=${APP_NAME},${LABEL.instance}=${injectorName(revision)},${LABEL.managedBy}`
  const found: JsonObject[] = []
  for (const { apiVersion, kind: name, namespaced } of KINDS) {
    const items = await listOrNone(client, {
      apiVersion,
      kind: name,
      ...(namespaced ? { namespace } : {}),
      labelSelector,
    })
    const own = namespaced ? items : items.filter((item) => isOf(item, { namespace, revision }))
    found.push(...own.map((item) => ({ ...item, apiVersion, kind: name })))
  }
  return found
}

/** The same revision may be installed in another namespace as well. */
function isOf(object: JsonObject, place: { namespace: string; revision: string }): boolean {
  const entries = listAt(object, 'webhooks')
  if (entries.length === 0) return isClusterNameOf(textAt(object, 'metadata', 'name'), place)
  return entries.some((entry) => textAt(entry, 'clientConfig', 'service', 'namespace') === place.namespace)
}

async function listOrNone(client: KubeClient, ref: Parameters<KubeClient['list']>[0]): Promise<readonly JsonObject[]> {
  try {
    return (await client.list(ref)).items
  } catch (error) {
    // The cluster need not know every kind: policies came with 1.30, ServiceMonitors with Prometheus' operator.
    if (isNotFound(error)) return []
    throw error
  }
}

/** Who installed it: `proa`, `Helm` … */
export function managersOf(objects: readonly JsonObject[]): string[] {
  return [...new Set(objects.map((object) => labelOf(object, LABEL.managedBy) ?? ''))].sort()
}
