import type { JsonObject } from '@proa/kube'

interface Rule {
  readonly groups?: readonly string[]
  readonly resources?: readonly string[]
  readonly urls?: readonly string[]
  readonly verbs: readonly string[]
}

const READ = ['get', 'list', 'watch']
const WRITE = ['create', 'delete', 'deletecollection', 'patch', 'update']
const ALL = ['*']
const RBAC = 'rbac.authorization.k8s.io'

function rule({ groups = [], resources, urls, verbs }: Rule): JsonObject {
  return urls === undefined
    ? { apiGroups: groups, resources: resources ?? [], verbs }
    : { nonResourceURLs: urls, verbs }
}

function labels(more: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> {
  return { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...more }
}

function clusterRole(name: string, rules: readonly Rule[], more: Readonly<Record<string, string>> = {}): JsonObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: { name, labels: labels(more) },
    rules: rules.map(rule),
  }
}

function bind(role: string, groups: readonly string[]): JsonObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: { name: role, labels: labels() },
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: role },
    subjects: groups.map((name) => ({ apiGroup: RBAC, kind: 'Group', name })),
  }
}

const CORE_VIEWED = [
  'bindings',
  'configmaps',
  'endpoints',
  'events',
  'limitranges',
  'namespaces',
  'namespaces/status',
  'persistentvolumeclaims',
  'persistentvolumeclaims/status',
  'pods',
  'pods/log',
  'pods/status',
  'replicationcontrollers',
  'replicationcontrollers/scale',
  'replicationcontrollers/status',
  'resourcequotas',
  'resourcequotas/status',
  'serviceaccounts',
  'services',
  'services/status',
]
const APPS = [
  'controllerrevisions',
  'daemonsets',
  'daemonsets/status',
  'deployments',
  'deployments/scale',
  'deployments/status',
  'replicasets',
  'replicasets/scale',
  'replicasets/status',
  'statefulsets',
  'statefulsets/scale',
  'statefulsets/status',
]
const BATCH = ['cronjobs', 'cronjobs/status', 'jobs', 'jobs/status']
const NETWORKING = ['ingresses', 'ingresses/status', 'networkpolicies']
const POLICY = ['poddisruptionbudgets', 'poddisruptionbudgets/status']

const VIEW: readonly Rule[] = [
  { groups: [''], resources: CORE_VIEWED, verbs: READ },
  { groups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: READ },
  { groups: ['apps'], resources: APPS, verbs: READ },
  { groups: ['autoscaling'], resources: ['horizontalpodautoscalers', 'horizontalpodautoscalers/status'], verbs: READ },
  { groups: ['batch'], resources: BATCH, verbs: READ },
  { groups: ['policy'], resources: POLICY, verbs: READ },
  { groups: ['networking.k8s.io'], resources: NETWORKING, verbs: READ },
]

const writable = (resources: readonly string[]): readonly string[] =>
  resources.filter((one) => !one.endsWith('/status'))

const EDIT: readonly Rule[] = [
  ...VIEW,
  {
    groups: [''],
    resources: ['pods/attach', 'pods/exec', 'pods/portforward', 'pods/proxy', 'secrets', 'services/proxy'],
    verbs: READ,
  },
  { groups: [''], resources: ['serviceaccounts'], verbs: ['impersonate'] },
  {
    groups: [''],
    resources: [
      'configmaps',
      'events',
      'persistentvolumeclaims',
      'pods',
      'pods/attach',
      'pods/exec',
      'pods/portforward',
      'pods/proxy',
      'replicationcontrollers',
      'replicationcontrollers/scale',
      'secrets',
      'serviceaccounts',
      'services',
      'services/proxy',
    ],
    verbs: WRITE,
  },
  { groups: [''], resources: ['pods/eviction', 'serviceaccounts/token'], verbs: ['create'] },
  { groups: ['apps'], resources: writable(APPS).filter((one) => one !== 'controllerrevisions'), verbs: WRITE },
  { groups: ['autoscaling'], resources: ['horizontalpodautoscalers'], verbs: WRITE },
  { groups: ['batch'], resources: writable(BATCH), verbs: WRITE },
  { groups: ['policy'], resources: writable(POLICY), verbs: WRITE },
  { groups: ['networking.k8s.io'], resources: writable(NETWORKING), verbs: WRITE },
  { groups: ['coordination.k8s.io'], resources: ['leases'], verbs: [...READ, ...WRITE] },
]

const ADMIN: readonly Rule[] = [
  ...EDIT,
  { groups: ['authorization.k8s.io'], resources: ['localsubjectaccessreviews'], verbs: ['create'] },
  { groups: [RBAC], resources: ['rolebindings', 'roles'], verbs: [...READ, ...WRITE] },
]

const INFO = ['/healthz', '/livez', '/readyz', '/version', '/version/']
const DISCOVERY = [
  '/api',
  '/api/*',
  '/apis',
  '/apis/*',
  '/healthz',
  '/livez',
  '/openapi',
  '/openapi/*',
  '/readyz',
  '/version',
  '/version/',
]

const AGGREGATED = (role: string): Readonly<Record<string, string>> => ({
  [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true',
})

/** Roles and bindings of a new cluster, as far as they matter here. The controllers of this process need none. */
export const BOOTSTRAP_ROLES: readonly JsonObject[] = [
  clusterRole('cluster-admin', [
    { groups: ALL, resources: ALL, verbs: ALL },
    { urls: ALL, verbs: ALL },
  ]),
  clusterRole('admin', ADMIN),
  clusterRole('edit', EDIT, AGGREGATED('admin')),
  clusterRole('view', VIEW, AGGREGATED('edit')),
  clusterRole('system:discovery', [{ urls: DISCOVERY, verbs: ['get'] }]),
  clusterRole('system:basic-user', [
    {
      groups: ['authorization.k8s.io'],
      resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'],
      verbs: ['create'],
    },
    { groups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] },
  ]),
  clusterRole('system:public-info-viewer', [{ urls: INFO, verbs: ['get'] }]),
  clusterRole('system:service-account-issuer-discovery', [
    {
      urls: [
        '/.well-known/openid-configuration',
        '/.well-known/openid-configuration/',
        '/openid/v1/jwks',
        '/openid/v1/jwks/',
      ],
      verbs: ['get'],
    },
  ]),
  clusterRole('system:auth-delegator', [
    { groups: ['authentication.k8s.io'], resources: ['tokenreviews'], verbs: ['create'] },
    { groups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
  ]),
  bind('cluster-admin', ['system:masters']),
  bind('system:discovery', ['system:authenticated']),
  bind('system:basic-user', ['system:authenticated']),
  bind('system:public-info-viewer', ['system:authenticated', 'system:unauthenticated']),
  bind('system:service-account-issuer-discovery', ['system:serviceaccounts']),
]
