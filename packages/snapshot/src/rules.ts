import type { JsonObject } from '@proa/kube'

/** A rule of a Role or a ClusterRole. */
export interface SnapshotRule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly resourceNames?: readonly string[]
  readonly verbs: readonly string[]
}

const READ = ['get', 'list'] as const

const reading = (group: string, ...resources: string[]): SnapshotRule => ({
  apiGroups: [group],
  resources,
  verbs: READ,
})

/**
 * What a full snapshot needs, by what it is for. Whoever has less gets a smaller snapshot, which says what is missing.
 *
 * - `objects`: in the whole cluster. Of ConfigMaps only the root certificate, of Secrets nothing.
 * - `controlPlane`: in each namespace of a control plane: ConfigMaps of injectors and meshes, certificates of authorities.
 * - `logs`, `portForward`: there as well, and `logs` wherever the proxies' logs are wanted.
 * - `podCreation`: wherever Pods are tried. RBAC does not know dry runs: whoever may try a Pod may create one.
 */
export const SNAPSHOT_RULES: {
  readonly [purpose in 'objects' | 'controlPlane' | 'logs' | 'portForward' | 'podCreation']: readonly SnapshotRule[]
} = {
  objects: [
    reading(
      '',
      'namespaces',
      'nodes',
      'pods',
      'services',
      'serviceaccounts',
      'events',
      'replicationcontrollers',
      'resourcequotas',
      'limitranges',
    ),
    { ...reading('', 'configmaps'), resourceNames: ['istio-ca-root-cert'] },
    reading('apps', 'deployments', 'replicasets', 'statefulsets', 'daemonsets'),
    reading('batch', 'jobs', 'cronjobs'),
    reading('discovery.k8s.io', 'endpointslices'),
    reading('policy', 'poddisruptionbudgets'),
    reading('networking.k8s.io', 'networkpolicies'),
    reading('autoscaling', 'horizontalpodautoscalers'),
    reading('autoscaling.k8s.io', 'verticalpodautoscalers'),
    reading(
      'admissionregistration.k8s.io',
      'mutatingwebhookconfigurations',
      'validatingwebhookconfigurations',
      'validatingadmissionpolicies',
      'validatingadmissionpolicybindings',
    ),
    reading('networking.istio.io', 'proxyconfigs'),
    reading('argoproj.io', 'rollouts'),
    reading('serving.knative.dev', 'services'),
  ],
  controlPlane: [
    reading('', 'configmaps'),
    {
      apiGroups: [''],
      resources: ['secrets'],
      // With other revisions: `proa-injector-REVISION-ca`.
      resourceNames: ['cacerts', 'istio-ca-secret', 'istiod-tls', 'proa-injector-ca'],
      verbs: ['get'],
    },
  ],
  logs: [{ apiGroups: [''], resources: ['pods/log'], verbs: ['get'] }],
  // A WebSocket begins with a GET; since Kubernetes 1.35 it needs `create` as well.
  portForward: [{ apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] }],
  podCreation: [{ apiGroups: [''], resources: ['pods'], verbs: ['create'] }],
}

/** The rules as Kubernetes writes them, to be put into a Role or a ClusterRole. */
export function rulesJson(...purposes: readonly (keyof typeof SNAPSHOT_RULES)[]): readonly JsonObject[] {
  return purposes.flatMap((purpose) => SNAPSHOT_RULES[purpose].map((rule) => ({ ...rule })))
}
