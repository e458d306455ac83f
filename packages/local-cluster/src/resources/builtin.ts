import { kindType } from '@proa/kube'
import { ALL_VERBS, type ResourceDefinition } from './definition.ts'
import { eventConversion } from './events.ts'
import { SELECTABLE } from './fields.ts'

interface Entry {
  readonly kind: string
  readonly resource?: string
  readonly cluster?: boolean
  readonly short?: readonly string[]
  readonly all?: boolean
  readonly sub?: readonly string[]
  readonly generations?: boolean
  readonly verbs?: readonly string[]
}

const CREATE: readonly string[] = ['create']

const CORE: readonly Entry[] = [
  { kind: 'Binding', verbs: CREATE },
  { kind: 'ConfigMap', short: ['cm'] },
  { kind: 'Endpoints', resource: 'endpoints', short: ['ep'] },
  { kind: 'Event', short: ['ev'] },
  { kind: 'LimitRange', short: ['limits'] },
  { kind: 'Namespace', cluster: true, short: ['ns'], sub: ['finalize', 'status'] },
  { kind: 'Node', cluster: true, short: ['no'], sub: ['proxy', 'status'] },
  { kind: 'PersistentVolumeClaim', short: ['pvc'], sub: ['status'] },
  { kind: 'PersistentVolume', cluster: true, short: ['pv'], sub: ['status'] },
  {
    kind: 'Pod',
    short: ['po'],
    all: true,
    generations: true,
    sub: [
      'attach',
      'binding',
      'ephemeralcontainers',
      'eviction',
      'exec',
      'log',
      'portforward',
      'proxy',
      'resize',
      'status',
    ],
  },
  { kind: 'PodTemplate', generations: true },
  { kind: 'ReplicationController', short: ['rc'], all: true, generations: true, sub: ['scale', 'status'] },
  { kind: 'ResourceQuota', short: ['quota'], sub: ['status'] },
  { kind: 'Secret' },
  { kind: 'ServiceAccount', short: ['sa'], sub: ['token'] },
  { kind: 'Service', short: ['svc'], all: true, sub: ['proxy', 'status'] },
]

const GROUPS: Readonly<Record<string, readonly Entry[]>> = {
  'apps/v1': [
    { kind: 'ControllerRevision' },
    { kind: 'DaemonSet', short: ['ds'], all: true, generations: true, sub: ['status'] },
    { kind: 'Deployment', short: ['deploy'], all: true, generations: true, sub: ['scale', 'status'] },
    { kind: 'ReplicaSet', short: ['rs'], all: true, generations: true, sub: ['scale', 'status'] },
    { kind: 'StatefulSet', short: ['sts'], all: true, generations: true, sub: ['scale', 'status'] },
  ],
  'events.k8s.io/v1': [{ kind: 'Event', short: ['ev'] }],
  'authentication.k8s.io/v1': [
    { kind: 'SelfSubjectReview', cluster: true, verbs: CREATE },
    { kind: 'TokenReview', cluster: true, verbs: CREATE },
  ],
  'authorization.k8s.io/v1': [
    { kind: 'LocalSubjectAccessReview', verbs: CREATE },
    { kind: 'SelfSubjectAccessReview', cluster: true, verbs: CREATE },
    { kind: 'SelfSubjectRulesReview', cluster: true, verbs: CREATE },
    { kind: 'SubjectAccessReview', cluster: true, verbs: CREATE },
  ],
  'autoscaling/v2': [{ kind: 'HorizontalPodAutoscaler', short: ['hpa'], all: true, sub: ['status'] }],
  'batch/v1': [
    { kind: 'CronJob', short: ['cj'], all: true, generations: true, sub: ['status'] },
    { kind: 'Job', all: true, generations: true, sub: ['status'] },
  ],
  'networking.k8s.io/v1': [
    { kind: 'IngressClass', resource: 'ingressclasses', cluster: true, generations: true },
    { kind: 'Ingress', resource: 'ingresses', short: ['ing'], generations: true, sub: ['status'] },
    { kind: 'NetworkPolicy', resource: 'networkpolicies', short: ['netpol'], generations: true },
  ],
  'policy/v1': [{ kind: 'PodDisruptionBudget', short: ['pdb'], generations: true, sub: ['status'] }],
  'rbac.authorization.k8s.io/v1': [
    { kind: 'ClusterRoleBinding', cluster: true },
    { kind: 'ClusterRole', cluster: true },
    { kind: 'RoleBinding' },
    { kind: 'Role' },
  ],
  'storage.k8s.io/v1': [{ kind: 'StorageClass', resource: 'storageclasses', cluster: true, short: ['sc'] }],
  'admissionregistration.k8s.io/v1': [
    { kind: 'MutatingWebhookConfiguration', cluster: true, generations: true },
    {
      kind: 'ValidatingAdmissionPolicy',
      resource: 'validatingadmissionpolicies',
      cluster: true,
      generations: true,
      sub: ['status'],
    },
    { kind: 'ValidatingAdmissionPolicyBinding', cluster: true, generations: true },
    { kind: 'ValidatingWebhookConfiguration', cluster: true, generations: true },
  ],
  'apiextensions.k8s.io/v1': [
    { kind: 'CustomResourceDefinition', cluster: true, short: ['crd', 'crds'], generations: true, sub: ['status'] },
  ],
  'scheduling.k8s.io/v1': [
    { kind: 'PriorityClass', resource: 'priorityclasses', cluster: true, short: ['pc'], generations: true },
  ],
  'coordination.k8s.io/v1': [{ kind: 'Lease' }],
  'discovery.k8s.io/v1': [{ kind: 'EndpointSlice' }],
}

const EXTENSIONS: Readonly<Record<string, readonly string[]>> = {
  'apiextensions.k8s.io': ['api-extensions'],
}

function define(group: string, version: string, entry: Entry): ResourceDefinition {
  const resource = entry.resource ?? `${entry.kind.toLowerCase()}s`
  const place = group === '' ? resource : `${resource}.${group}`
  const convert = group === 'events.k8s.io' ? { convert: eventConversion } : {}
  return {
    group,
    version,
    resource,
    singular: entry.kind.toLowerCase(),
    kind: entry.kind,
    namespaced: entry.cluster !== true,
    shortNames: entry.short ?? [],
    categories: [
      ...(entry.all === true ? ['all'] : []),
      ...(EXTENSIONS[group] ?? (group === 'admissionregistration.k8s.io' ? ['api-extensions'] : [])),
    ],
    subresources: entry.sub ?? [],
    verbs: entry.verbs ?? ALL_VERBS,
    bucket: group === 'events.k8s.io' ? 'events' : place,
    struct: kindType(group === '' ? version : `${group}/${version}`, entry.kind)?.name,
    selectableFields: SELECTABLE[place] ?? {},
    generations: entry.generations === true,
    ...convert,
  }
}

/** Every resource that is served without a CustomResourceDefinition, in the order of discovery. */
export const BUILTIN_RESOURCES: readonly ResourceDefinition[] = [
  ...CORE.map((entry) => define('', 'v1', entry)),
  ...Object.entries(GROUPS).flatMap(([apiVersion, entries]) => {
    const [group = '', version = ''] = apiVersion.split('/')
    return entries.map((entry) => define(group, version, entry))
  }),
]
