/** Where a kind is found on the server. */
export interface ResourceInfo {
  /** Plural, `deployments`. */
  readonly resource: string
  readonly namespaced: boolean
}

const NAMESPACED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  v1: {
    Pod: 'pods',
    Service: 'services',
    ConfigMap: 'configmaps',
    Secret: 'secrets',
    ServiceAccount: 'serviceaccounts',
    Endpoints: 'endpoints',
    Event: 'events',
    ReplicationController: 'replicationcontrollers',
    ResourceQuota: 'resourcequotas',
    LimitRange: 'limitranges',
    PersistentVolumeClaim: 'persistentvolumeclaims',
    PodTemplate: 'podtemplates',
  },
  'apps/v1': {
    Deployment: 'deployments',
    ReplicaSet: 'replicasets',
    StatefulSet: 'statefulsets',
    DaemonSet: 'daemonsets',
    ControllerRevision: 'controllerrevisions',
  },
  'batch/v1': { Job: 'jobs', CronJob: 'cronjobs' },
  'coordination.k8s.io/v1': { Lease: 'leases' },
  'discovery.k8s.io/v1': { EndpointSlice: 'endpointslices' },
  'events.k8s.io/v1': { Event: 'events' },
  'networking.k8s.io/v1': { NetworkPolicy: 'networkpolicies', Ingress: 'ingresses' },
  // TokenRequest and Eviction are sent to the subresources `token` and `eviction` of these.
  'authentication.k8s.io/v1': { TokenRequest: 'serviceaccounts' },
  'policy/v1': { PodDisruptionBudget: 'poddisruptionbudgets', Eviction: 'pods' },
  'autoscaling/v2': { HorizontalPodAutoscaler: 'horizontalpodautoscalers' },
  'rbac.authorization.k8s.io/v1': { Role: 'roles', RoleBinding: 'rolebindings' },
  'authorization.k8s.io/v1': { LocalSubjectAccessReview: 'localsubjectaccessreviews' },
}

const CLUSTER_SCOPED: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  v1: { Namespace: 'namespaces', Node: 'nodes', PersistentVolume: 'persistentvolumes' },
  'admissionregistration.k8s.io/v1': {
    MutatingWebhookConfiguration: 'mutatingwebhookconfigurations',
    ValidatingWebhookConfiguration: 'validatingwebhookconfigurations',
    ValidatingAdmissionPolicy: 'validatingadmissionpolicies',
    ValidatingAdmissionPolicyBinding: 'validatingadmissionpolicybindings',
  },
  'apiextensions.k8s.io/v1': { CustomResourceDefinition: 'customresourcedefinitions' },
  'apiregistration.k8s.io/v1': { APIService: 'apiservices' },
  'rbac.authorization.k8s.io/v1': { ClusterRole: 'clusterroles', ClusterRoleBinding: 'clusterrolebindings' },
  'authentication.k8s.io/v1': { TokenReview: 'tokenreviews', SelfSubjectReview: 'selfsubjectreviews' },
  'authorization.k8s.io/v1': {
    SubjectAccessReview: 'subjectaccessreviews',
    SelfSubjectAccessReview: 'selfsubjectaccessreviews',
    SelfSubjectRulesReview: 'selfsubjectrulesreviews',
  },
  'scheduling.k8s.io/v1': { PriorityClass: 'priorityclasses' },
  'storage.k8s.io/v1': { StorageClass: 'storageclasses' },
}

/** Kinds of Kubernetes itself; they spare a question to the server. */
export function builtInKind(apiVersion: string, kind: string): ResourceInfo | undefined {
  const namespaced = entry(NAMESPACED, apiVersion, kind)
  if (namespaced !== undefined) return { resource: namespaced, namespaced: true }
  const resource = entry(CLUSTER_SCOPED, apiVersion, kind)
  return resource === undefined ? undefined : { resource, namespaced: false }
}

function entry(table: typeof NAMESPACED, apiVersion: string, kind: string): string | undefined {
  const kinds = Object.hasOwn(table, apiVersion) ? table[apiVersion] : undefined
  return kinds !== undefined && Object.hasOwn(kinds, kind) ? kinds[kind] : undefined
}
