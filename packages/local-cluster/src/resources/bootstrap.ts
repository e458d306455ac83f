import type { JsonObject } from '@proa/kube'
import type { ClusterApi } from '../api/types.ts'
import { BOOTSTRAP_ROLES } from './bootstrap-roles.ts'

export const SYSTEM_NAMESPACES = ['default', 'kube-system', 'kube-public', 'kube-node-lease'] as const

/** What every cluster has from its first moment. What is there already stays as it is. */
export async function bootstrap(
  api: ClusterApi,
  server: { readonly host: string; readonly port: number },
): Promise<void> {
  const objects = [
    ...SYSTEM_NAMESPACES.map((name): JsonObject => ({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } })),
    ...BOOTSTRAP_ROLES,
    ...PRIORITY_CLASSES,
    kubernetesService(),
  ]
  for (const object of objects) {
    if (!exists(api, object)) await api.create(object, { fieldManager: 'kube-apiserver' })
  }
  // Where the server listens can be another place each time.
  for (const object of addresses(server)) {
    if (exists(api, object)) await api.update(object, { fieldManager: 'kube-apiserver' })
    else await api.create(object, { fieldManager: 'kube-apiserver' })
  }
}

function exists(api: ClusterApi, object: JsonObject): boolean {
  const { name, namespace } = object.metadata as JsonObject
  const place = { name: String(name), namespace: namespace === undefined ? '' : String(namespace) }
  return api.find({ apiVersion: String(object.apiVersion), kind: String(object.kind), ...place }) !== undefined
}

const COMPONENT = { component: 'apiserver', provider: 'kubernetes' }
export const KUBERNETES_SERVICE_IP = '10.96.0.1'

function kubernetesService(): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 'kubernetes', namespace: 'default', labels: COMPONENT },
    spec: {
      type: 'ClusterIP',
      clusterIP: KUBERNETES_SERVICE_IP,
      clusterIPs: [KUBERNETES_SERVICE_IP],
      ipFamilies: ['IPv4'],
      ipFamilyPolicy: 'SingleStack',
      sessionAffinity: 'None',
      internalTrafficPolicy: 'Cluster',
      ports: [{ name: 'https', port: 443, protocol: 'TCP', targetPort: 6443 }],
    },
  }
}

function addresses({ host, port }: { readonly host: string; readonly port: number }): readonly JsonObject[] {
  return [
    {
      apiVersion: 'v1',
      kind: 'Endpoints',
      metadata: {
        name: 'kubernetes',
        namespace: 'default',
        labels: { 'endpointslice.kubernetes.io/skip-mirror': 'true' },
      },
      subsets: [{ addresses: [{ ip: host }], ports: [{ name: 'https', port, protocol: 'TCP' }] }],
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: 'kubernetes', namespace: 'default', labels: { 'kubernetes.io/service-name': 'kubernetes' } },
      addressType: 'IPv4',
      endpoints: [{ addresses: [host], conditions: { ready: true } }],
      ports: [{ name: 'https', port, protocol: 'TCP' }],
    },
  ]
}

const PRIORITY_CLASSES: readonly JsonObject[] = [
  priorityClass(
    'system-cluster-critical',
    2_000_000_000,
    'Used for system critical pods that must run in the cluster, but can be moved to another node if necessary.',
  ),
  priorityClass(
    'system-node-critical',
    2_000_001_000,
    'Used for system critical pods that must not be moved from their current node.',
  ),
]

function priorityClass(name: string, value: number, description: string): JsonObject {
  return {
    apiVersion: 'scheduling.k8s.io/v1',
    kind: 'PriorityClass',
    metadata: { name },
    value,
    description,
    preemptionPolicy: 'PreemptLowerPriority',
  }
}
