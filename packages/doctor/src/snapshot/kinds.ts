/** The kinds of objects that checks look at, by the names they have here and in `needs` of a check. */
export interface KindFacts {
  readonly apiVersion: string
  readonly kind: string
  readonly namespaced: boolean
}

const namespaced = (apiVersion: string, kind: string): KindFacts => ({ apiVersion, kind, namespaced: true })
const clusterWide = (apiVersion: string, kind: string): KindFacts => ({ apiVersion, kind, namespaced: false })

export const KINDS = {
  Namespace: clusterWide('v1', 'Namespace'),
  Node: clusterWide('v1', 'Node'),
  Pod: namespaced('v1', 'Pod'),
  Service: namespaced('v1', 'Service'),
  EndpointSlice: namespaced('discovery.k8s.io/v1', 'EndpointSlice'),
  ConfigMap: namespaced('v1', 'ConfigMap'),
  Secret: namespaced('v1', 'Secret'),
  ServiceAccount: namespaced('v1', 'ServiceAccount'),
  Event: namespaced('v1', 'Event'),
  ReplicationController: namespaced('v1', 'ReplicationController'),
  ResourceQuota: namespaced('v1', 'ResourceQuota'),
  LimitRange: namespaced('v1', 'LimitRange'),
  Deployment: namespaced('apps/v1', 'Deployment'),
  ReplicaSet: namespaced('apps/v1', 'ReplicaSet'),
  StatefulSet: namespaced('apps/v1', 'StatefulSet'),
  DaemonSet: namespaced('apps/v1', 'DaemonSet'),
  Job: namespaced('batch/v1', 'Job'),
  CronJob: namespaced('batch/v1', 'CronJob'),
  PodDisruptionBudget: namespaced('policy/v1', 'PodDisruptionBudget'),
  NetworkPolicy: namespaced('networking.k8s.io/v1', 'NetworkPolicy'),
  HorizontalPodAutoscaler: namespaced('autoscaling/v2', 'HorizontalPodAutoscaler'),
  VerticalPodAutoscaler: namespaced('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler'),
  MutatingWebhookConfiguration: clusterWide('admissionregistration.k8s.io/v1', 'MutatingWebhookConfiguration'),
  ValidatingWebhookConfiguration: clusterWide('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
  ValidatingAdmissionPolicy: clusterWide('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicy'),
  ValidatingAdmissionPolicyBinding: clusterWide('admissionregistration.k8s.io/v1', 'ValidatingAdmissionPolicyBinding'),
  ProxyConfig: namespaced('networking.istio.io/v1beta1', 'ProxyConfig'),
  Rollout: namespaced('argoproj.io/v1alpha1', 'Rollout'),
  KnativeService: namespaced('serving.knative.dev/v1', 'Service'),
} as const satisfies Readonly<Record<string, KindFacts>>

export type Kind = keyof typeof KINDS

export const ALL_KINDS = Object.keys(KINDS) as readonly Kind[]

/** The group decides, not its version: an object of `apps/v1beta1` is the same Deployment. */
export function kindOf(apiVersion: string, kind: string): Kind | undefined {
  return byGroup.get(`${groupOf(apiVersion)}/${kind}`)
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
}

const byGroup = new Map<string, Kind>([
  ...ALL_KINDS.map((name): [string, Kind] => [`${groupOf(KINDS[name].apiVersion)}/${KINDS[name].kind}`, name]),
  // The same events under their newer group.
  ['events.k8s.io/Event', 'Event'],
])
