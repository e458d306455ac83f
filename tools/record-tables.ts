/**
 * Records the tables that a real API server makes of objects in all kinds of states. The test of
 * packages/local-cluster/src/tables renders the same objects.
 *
 *   node tools/record-tables.ts --server https://127.0.0.1:6443 --token TOKEN
 *
 * The server should run without controllers, so that nobody changes the states.
 */
import { writeFileSync } from 'node:fs'
import { request } from 'node:https'
import { parseArgs } from 'node:util'
import type { Json, JsonObject } from '../packages/kube/src/json.ts'

const OUTPUT = new URL('../packages/local-cluster/src/tables/testdata/recorded.json', import.meta.url)
const NAMESPACE = 'tables-recorded'
const { values } = parseArgs({
  options: { server: { type: 'string', default: 'https://127.0.0.1:6443' }, token: { type: 'string', default: '' } },
})

function call(
  method: string,
  path: string,
  body?: Json,
  type = 'application/json',
  accept = 'application/json',
): Promise<{ status: number; date: string; body: JsonObject }> {
  return new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${values.token}`, 'content-type': type, accept }
    const req = request(`${values.server}${path}`, { method, headers, rejectUnauthorized: false }, (res) => {
      let text = ''
      res.on('data', (chunk) => {
        text += chunk
      })
      res.on('end', () =>
        resolve({ status: res.statusCode ?? 0, date: res.headers.date ?? '', body: JSON.parse(text) as JsonObject }),
      )
    })
    req.on('error', reject)
    req.end(body === undefined ? undefined : JSON.stringify(body))
  })
}

interface Case {
  readonly path: string
  readonly object: JsonObject
  readonly status?: JsonObject
  readonly remove?: boolean
  /** The object is there already. */
  readonly exists?: boolean
}

const LONG_AGO = '2026-01-01T00:00:00Z'
const AGO = '2026-11-01T00:00:00Z'
const cases: Case[] = []
const inNamespace = (group: string, plural: string): string => `/${group}/namespaces/${NAMESPACE}/${plural}`
let count = 0
function add(path: string, apiVersion: string, kind: string, object: JsonObject, more: Partial<Case> = {}): void {
  count++
  const metadata = { name: `x${String(count).padStart(3, '0')}`, ...((object.metadata ?? {}) as JsonObject) }
  cases.push({ path, object: { apiVersion, kind, ...object, metadata }, ...more })
}

// Pods
const container = (name: string, more: JsonObject = {}): JsonObject => ({ name, image: `${name}:1`, ...more })
const state = (name: string, what: JsonObject, more: JsonObject = {}): JsonObject => ({
  name,
  image: `${name}:1`,
  imageID: '',
  ready: false,
  restartCount: 0,
  state: what,
  ...more,
})
const running: JsonObject = { running: { startedAt: AGO } }
const waiting = (reason: string): JsonObject => ({ waiting: { reason } })
const ended = (exitCode: number, more: JsonObject = {}): JsonObject => ({
  terminated: { exitCode, finishedAt: AGO, ...more },
})
const up = (name: string, more: JsonObject = {}): JsonObject =>
  state(name, running, { ready: true, started: true, ...more })
function pod(status: JsonObject, spec: JsonObject = {}, more: Partial<Case> = {}, metadata: JsonObject = {}): void {
  add(
    inNamespace('api/v1', 'pods'),
    'v1',
    'Pod',
    { metadata, spec: { containers: [container('a'), container('b')], ...spec } },
    { status, ...more },
  )
}
const restarted = (restartCount: number, finishedAt = AGO): JsonObject => ({
  restartCount,
  lastState: { terminated: { exitCode: 1, finishedAt } },
})
const init = { initContainers: [container('i'), container('j')] }
const sidecar = { initContainers: [container('i'), container('p', { restartPolicy: 'Always' })] }
const initialized = (status: string): JsonObject => ({ conditions: [{ type: 'Initialized', status }] })
pod({ phase: 'Pending' })
pod({
  phase: 'Pending',
  containerStatuses: [state('a', waiting('ContainerCreating')), state('b', waiting('ContainerCreating'))],
})
pod(
  { phase: 'Running', podIP: '10.0.0.1', podIPs: [{ ip: '10.0.0.1' }], containerStatuses: [up('a'), up('b')] },
  { nodeName: 'n1' },
)
pod({ phase: 'Running', containerStatuses: [up('a'), state('b', running)] })
pod({
  phase: 'Running',
  containerStatuses: [up('a', restarted(3)), state('b', waiting('CrashLoopBackOff'), restarted(2, LONG_AGO))],
})
pod({ phase: 'Running', containerStatuses: [up('a', { restartCount: 1 }), up('b')] })
pod({
  phase: 'Pending',
  containerStatuses: [state('a', waiting('ImagePullBackOff')), state('b', waiting('ErrImagePull'))],
})
pod({
  phase: 'Succeeded',
  containerStatuses: [state('a', ended(0, { reason: 'Completed' })), state('b', ended(0, { reason: 'Completed' }))],
})
pod({
  phase: 'Failed',
  containerStatuses: [state('a', ended(1, { reason: 'Error' })), state('b', ended(0, { reason: 'Completed' }))],
})
pod({ phase: 'Failed', containerStatuses: [state('a', ended(3)), state('b', ended(0))] })
pod({
  phase: 'Failed',
  containerStatuses: [state('a', ended(137, { signal: 9 })), state('b', ended(1, { reason: 'OOMKilled' }))],
})
pod({ phase: 'Failed', reason: 'Evicted' })
pod({ phase: 'Running', containerStatuses: [state('a', ended(0, { reason: 'Completed' })), up('b')] })
pod({
  phase: 'Running',
  conditions: [{ type: 'Ready', status: 'True' }],
  containerStatuses: [state('a', ended(0, { reason: 'Completed' })), up('b')],
})
pod({ phase: 'Pending', initContainerStatuses: [state('i', running), state('j', waiting('PodInitializing'))] }, init)
pod({ phase: 'Pending', initContainerStatuses: [state('i', ended(0)), state('j', waiting('PodInitializing'))] }, init)
pod(
  {
    phase: 'Pending',
    initContainerStatuses: [state('i', ended(0)), state('j', waiting('CrashLoopBackOff'), restarted(4))],
  },
  init,
)
pod({ phase: 'Pending', initContainerStatuses: [state('i', ended(2)), state('j', waiting('PodInitializing'))] }, init)
pod({ phase: 'Pending', initContainerStatuses: [state('i', ended(2, { reason: 'Error' }))] }, init)
pod({ phase: 'Pending', initContainerStatuses: [state('i', ended(2, { signal: 15 }))] }, init)
pod(
  {
    phase: 'Running',
    ...initialized('True'),
    initContainerStatuses: [state('i', ended(0), { restartCount: 2 }), state('j', ended(0))],
    containerStatuses: [up('a'), up('b')],
  },
  init,
)
pod(
  {
    phase: 'Running',
    ...initialized('True'),
    initContainerStatuses: [state('i', waiting('X'))],
    containerStatuses: [up('a'), up('b')],
  },
  init,
)
pod(
  {
    phase: 'Pending',
    initContainerStatuses: [state('i', ended(0)), up('p')],
    containerStatuses: [state('a', waiting('PodInitializing')), state('b', waiting('PodInitializing'))],
  },
  sidecar,
)
pod(
  { phase: 'Pending', initContainerStatuses: [state('i', ended(0)), state('p', running, { started: false })] },
  sidecar,
)
pod(
  {
    phase: 'Running',
    ...initialized('True'),
    initContainerStatuses: [state('i', ended(0)), up('p', restarted(2))],
    containerStatuses: [up('a', restarted(1, LONG_AGO)), up('b')],
  },
  sidecar,
)
pod(
  {
    phase: 'Running',
    ...initialized('True'),
    initContainerStatuses: [state('i', ended(0)), state('p', running, { started: true })],
    containerStatuses: [up('a'), up('b')],
  },
  sidecar,
)
pod(
  {
    phase: 'Running',
    ...initialized('True'),
    initContainerStatuses: [
      state('i', ended(0), { restartCount: 1 }),
      state('p', waiting('CrashLoopBackOff'), { started: false, ...restarted(5) }),
    ],
    containerStatuses: [up('a'), up('b')],
  },
  sidecar,
)
pod(
  {
    phase: 'Succeeded',
    initContainerStatuses: [state('i', ended(0)), state('p', ended(0))],
    containerStatuses: [state('a', ended(0, { reason: 'Completed' })), state('b', ended(0, { reason: 'Completed' }))],
  },
  sidecar,
)
pod({ phase: 'Running', containerStatuses: [up('a'), up('b')] }, { nodeName: 'n1' }, { remove: true })
pod(
  { phase: 'Running', reason: 'NodeLost', containerStatuses: [up('a'), up('b')] },
  { nodeName: 'n1' },
  { remove: true },
)
pod({ phase: 'Succeeded' }, {}, { remove: true }, { finalizers: ['example.com/x'] })
pod({ phase: 'Pending' }, { schedulingGates: [{ name: 'example.com/g' }] })
pod(
  {
    phase: 'Running',
    conditions: [
      { type: 'example.com/a', status: 'True' },
      { type: 'example.com/b', status: 'False' },
    ],
  },
  { readinessGates: [{ conditionType: 'example.com/a' }, { conditionType: 'example.com/b' }] },
)
pod({ phase: 'Pending', nominatedNodeName: 'n2' })

// Workloads
const template: JsonObject = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [container('a'), container('b')] },
}
const selectors: JsonObject[] = [
  { matchLabels: { app: 'web' } },
  {
    matchLabels: { app: 'web' },
    matchExpressions: [
      { key: 'tier', operator: 'DoesNotExist' },
      { key: 'app', operator: 'In', values: ['web', 'api'] },
    ],
  },
]
for (const selector of selectors) {
  add(
    inNamespace('apis/apps/v1', 'deployments'),
    'apps/v1',
    'Deployment',
    { spec: { replicas: 3, selector, template } },
    { status: { replicas: 2, readyReplicas: 1, updatedReplicas: 2, availableReplicas: 1, unavailableReplicas: 1 } },
  )
  add(
    inNamespace('apis/apps/v1', 'replicasets'),
    'apps/v1',
    'ReplicaSet',
    { spec: { replicas: 3, selector, template } },
    { status: { replicas: 2, readyReplicas: 1 } },
  )
  add(
    inNamespace('apis/apps/v1', 'statefulsets'),
    'apps/v1',
    'StatefulSet',
    { spec: { replicas: 2, selector, template, serviceName: 'x' } },
    { status: { replicas: 2, readyReplicas: 1 } },
  )
  add(
    inNamespace('apis/apps/v1', 'daemonsets'),
    'apps/v1',
    'DaemonSet',
    { spec: { selector, template } },
    {
      status: {
        desiredNumberScheduled: 3,
        currentNumberScheduled: 2,
        numberMisscheduled: 0,
        numberReady: 1,
        updatedNumberScheduled: 2,
        numberAvailable: 1,
      },
    },
  )
}
add(inNamespace('apis/apps/v1', 'daemonsets'), 'apps/v1', 'DaemonSet', {
  spec: {
    selector: selectors[0] ?? {},
    template: { ...template, spec: { ...(template.spec as JsonObject), nodeSelector: { b: '1', a: '2' } } },
  },
})
add(inNamespace('api/v1', 'replicationcontrollers'), 'v1', 'ReplicationController', {
  spec: { replicas: 1, selector: { app: 'web' }, template },
})
add(inNamespace('api/v1', 'podtemplates'), 'v1', 'PodTemplate', { template })
const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 's', uid: '1', controller: true }
add(inNamespace('apis/apps/v1', 'controllerrevisions'), 'apps/v1', 'ControllerRevision', {
  metadata: { ownerReferences: [owner] },
  revision: 4,
  data: {},
})
add(inNamespace('apis/apps/v1', 'controllerrevisions'), 'apps/v1', 'ControllerRevision', { revision: 1, data: {} })
const once: JsonObject = { ...template, spec: { ...(template.spec as JsonObject), restartPolicy: 'Never' } }
const job = (spec: JsonObject, status?: JsonObject): void =>
  add(
    inNamespace('apis/batch/v1', 'jobs'),
    'batch/v1',
    'Job',
    { spec: { template: once, ...spec } },
    status === undefined ? {} : { status },
  )
job({})
job({ completions: 3 }, { succeeded: 1, startTime: AGO, active: 1 })
job({ parallelism: 2, completions: null } as JsonObject, { startTime: AGO, active: 2 })
job({ suspend: true }, { conditions: [{ type: 'Suspended', status: 'True' }] })
job(
  {},
  {
    active: 1,
    startTime: AGO,
    conditions: [{ type: 'FailureTarget', status: 'True', reason: 'BackoffLimitExceeded' }],
  },
)
job(
  {},
  {
    active: 1,
    startTime: AGO,
    conditions: [{ type: 'SuccessCriteriaMet', status: 'True', reason: 'CompletionsReached' }],
  },
)
job(
  {},
  {
    succeeded: 1,
    startTime: '2026-11-01T00:00:00Z',
    completionTime: '2026-11-01T00:02:05Z',
    conditions: [
      { type: 'SuccessCriteriaMet', status: 'True' },
      { type: 'Complete', status: 'True' },
    ],
  },
)
job(
  {},
  {
    failed: 1,
    startTime: AGO,
    conditions: [
      { type: 'FailureTarget', status: 'True', reason: 'x' },
      { type: 'Failed', status: 'True', reason: 'x' },
    ],
  },
)
const cron = (spec: JsonObject, status?: JsonObject): void =>
  add(
    inNamespace('apis/batch/v1', 'cronjobs'),
    'batch/v1',
    'CronJob',
    { spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: once } }, ...spec } },
    status === undefined ? {} : { status },
  )
cron({})
cron({ suspend: true, timeZone: 'Europe/Berlin' }, { lastScheduleTime: AGO, active: [{ kind: 'Job', name: 'j' }] })

// Network
const service = (spec: JsonObject, status?: JsonObject): void =>
  add(
    inNamespace('api/v1', 'services'),
    'v1',
    'Service',
    {
      spec: {
        ports: [
          { name: 'a', port: 80 },
          { name: 'b', port: 53, protocol: 'UDP' },
        ],
        ...spec,
      },
    },
    status === undefined ? {} : { status },
  )
service({})
service({ selector: { b: '1', a: '2' }, externalIPs: ['192.0.2.1', '192.0.2.2'] })
service({ clusterIP: 'None', ports: [] })
service({ type: 'NodePort' })
service({ type: 'LoadBalancer' })
service(
  { type: 'LoadBalancer', externalIPs: ['192.0.2.1'] },
  { loadBalancer: { ingress: [{ ip: '192.0.2.9' }, { hostname: 'lb.example.com' }] } },
)
service({ type: 'ExternalName', externalName: 'example.com', ports: [] })
const addresses = (...ips: string[]): JsonObject[] => ips.map((ip) => ({ ip }))
for (const subsets of [
  [],
  [{ addresses: addresses('10.0.0.1'), ports: [{ port: 80 }] }],
  [
    {
      addresses: addresses('10.0.0.1', '10.0.0.2'),
      ports: [
        { name: 'a', port: 80 },
        { name: 'b', port: 81 },
      ],
    },
  ],
  [{ addresses: addresses('fd00::1') }],
  [{ notReadyAddresses: addresses('10.0.0.1'), ports: [{ port: 80 }] }],
]) {
  add(inNamespace('api/v1', 'endpoints'), 'v1', 'Endpoints', { subsets: subsets as unknown as Json })
}
const slice = (object: JsonObject): void =>
  add(inNamespace('apis/discovery.k8s.io/v1', 'endpointslices'), 'discovery.k8s.io/v1', 'EndpointSlice', {
    addressType: 'IPv4',
    endpoints: [],
    ...object,
  })
slice({})
slice({
  endpoints: [{ addresses: ['10.0.0.1'] }, { addresses: ['10.0.0.2'] }],
  ports: [
    { name: 'a', port: 80 },
    { name: 'b', port: null },
  ],
})
slice({
  endpoints: ['1', '2', '3', '4', '5'].map((n) => ({ addresses: [`10.0.0.${n}`] })),
  ports: [1, 2, 3, 4].map((port) => ({ name: `p${port}`, port })),
})
const backend = { service: { name: 's', port: { number: 80 } } }
add(inNamespace('apis/networking.k8s.io/v1', 'ingresses'), 'networking.k8s.io/v1', 'Ingress', {
  spec: { defaultBackend: backend },
})
add(
  inNamespace('apis/networking.k8s.io/v1', 'ingresses'),
  'networking.k8s.io/v1',
  'Ingress',
  {
    spec: {
      ingressClassName: 'c',
      defaultBackend: backend,
      tls: [{ hosts: ['a.example.com'] }],
      rules: ['a', 'b', 'c', 'd'].map((host) => ({ host: `${host}.example.com` })),
    },
  },
  { status: { loadBalancer: { ingress: [{ ip: '192.0.2.9' }] } } },
)
add('/apis/networking.k8s.io/v1/ingressclasses', 'networking.k8s.io/v1', 'IngressClass', {
  spec: { controller: 'example.com/c', parameters: { apiGroup: 'example.com', kind: 'P', name: 'p' } },
})
add(inNamespace('apis/networking.k8s.io/v1', 'networkpolicies'), 'networking.k8s.io/v1', 'NetworkPolicy', {
  spec: { podSelector: {} },
})
add(inNamespace('apis/networking.k8s.io/v1', 'networkpolicies'), 'networking.k8s.io/v1', 'NetworkPolicy', {
  spec: { podSelector: selectors[1] ?? {} },
})

// Cluster
add('/api/v1/nodes', 'v1', 'Node', {})
add(
  '/api/v1/nodes',
  'v1',
  'Node',
  {
    metadata: { labels: { 'node-role.kubernetes.io/worker': '', 'node-role.kubernetes.io/control-plane': '' } },
    spec: { unschedulable: true },
  },
  {
    status: {
      conditions: [{ type: 'Ready', status: 'True' }],
      addresses: [
        { type: 'InternalIP', address: '10.0.0.1' },
        { type: 'ExternalIP', address: '192.0.2.1' },
      ],
      nodeInfo: {
        kubeletVersion: 'v1.36.3',
        osImage: 'o',
        kernelVersion: 'k',
        containerRuntimeVersion: 'c',
        architecture: '',
        bootID: '',
        kubeProxyVersion: '',
        machineID: '',
        operatingSystem: '',
        systemUUID: '',
      },
    },
  },
)
add('/api/v1/nodes', 'v1', 'Node', {}, { status: { conditions: [{ type: 'Ready', status: 'Unknown' }] } })
const event = (object: JsonObject): void =>
  add(inNamespace('api/v1', 'events'), 'v1', 'Event', {
    involvedObject: { kind: 'Pod', name: 'p', namespace: NAMESPACE, fieldPath: 'spec.containers{a}' },
    type: 'Warning',
    reason: 'Failed',
    message: ' it failed \n',
    ...object,
  })
event({ firstTimestamp: LONG_AGO, lastTimestamp: AGO, count: 7, source: { component: 'kubelet', host: 'n1' } })
event({ firstTimestamp: AGO, lastTimestamp: AGO, source: { component: 'kubelet' } })
event({
  eventTime: '2026-11-01T00:00:00.000000Z',
  action: 'a',
  reportingComponent: 'example.com/r',
  reportingInstance: 'r1',
})
event({
  eventTime: '2026-11-01T00:00:00.000000Z',
  action: 'a',
  reportingComponent: 'example.com/r',
  reportingInstance: 'r1',
  series: { count: 5, lastObservedTime: '2026-11-02T00:00:00.000000Z' },
})
add(inNamespace('api/v1', 'configmaps'), 'v1', 'ConfigMap', { data: { a: 'b', c: 'd' }, binaryData: { e: 'YQ==' } })
add(inNamespace('api/v1', 'secrets'), 'v1', 'Secret', { data: { a: 'YQ==' } })
add(inNamespace('api/v1', 'serviceaccounts'), 'v1', 'ServiceAccount', { secrets: [{ name: 's' }] })
add(inNamespace('api/v1', 'persistentvolumeclaims'), 'v1', 'PersistentVolumeClaim', {
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
})
add(
  inNamespace('api/v1', 'persistentvolumeclaims'),
  'v1',
  'PersistentVolumeClaim',
  {
    spec: {
      accessModes: ['ReadWriteMany'],
      volumeName: 'v',
      storageClassName: 'c',
      resources: { requests: { storage: '1Gi' } },
    },
  },
  { status: { phase: 'Bound', accessModes: ['ReadWriteMany', 'ReadWriteOnce'], capacity: { storage: '2Gi' } } },
)
add('/api/v1/persistentvolumes', 'v1', 'PersistentVolume', {
  spec: {
    capacity: { storage: '1Gi' },
    accessModes: ['ReadWriteOnce'],
    hostPath: { path: '/x' },
    claimRef: { namespace: 'n', name: 'c' },
  },
})
add(inNamespace('api/v1', 'limitranges'), 'v1', 'LimitRange', { spec: { limits: [] } })
add(inNamespace('apis/coordination.k8s.io/v1', 'leases'), 'coordination.k8s.io/v1', 'Lease', {
  spec: { holderIdentity: 'me' },
})
add(inNamespace('apis/coordination.k8s.io/v1', 'leases'), 'coordination.k8s.io/v1', 'Lease', {})
add('/apis/scheduling.k8s.io/v1/priorityclasses', 'scheduling.k8s.io/v1', 'PriorityClass', { value: 7 })
add('/apis/storage.k8s.io/v1/storageclasses', 'storage.k8s.io/v1', 'StorageClass', {
  provisioner: 'example.com/p',
  metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } },
})
add('/apis/storage.k8s.io/v1/storageclasses', 'storage.k8s.io/v1', 'StorageClass', {
  provisioner: 'example.com/p',
  allowVolumeExpansion: true,
  volumeBindingMode: 'WaitForFirstConsumer',
  reclaimPolicy: 'Retain',
})

// Policies
const RBAC = 'rbac.authorization.k8s.io/v1'
const subjects = [
  { kind: 'User', name: 'u', apiGroup: 'rbac.authorization.k8s.io' },
  { kind: 'Group', name: 'g', apiGroup: 'rbac.authorization.k8s.io' },
  { kind: 'Group', name: 'h', apiGroup: 'rbac.authorization.k8s.io' },
  { kind: 'ServiceAccount', name: 's', namespace: 'n' },
]
add(inNamespace(`apis/${RBAC}`, 'roles'), RBAC, 'Role', { rules: [] })
add(`/apis/${RBAC}/clusterroles`, RBAC, 'ClusterRole', { rules: [] })
add(inNamespace(`apis/${RBAC}`, 'rolebindings'), RBAC, 'RoleBinding', {
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'r' },
  subjects,
})
add(`/apis/${RBAC}/clusterrolebindings`, RBAC, 'ClusterRoleBinding', {
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'r' },
  subjects,
})
const ADMISSION = 'admissionregistration.k8s.io/v1'
const webhook = {
  name: 'a.example.com',
  admissionReviewVersions: ['v1'],
  sideEffects: 'None',
  clientConfig: { url: 'https://example.com' },
}
add(`/apis/${ADMISSION}/mutatingwebhookconfigurations`, ADMISSION, 'MutatingWebhookConfiguration', {
  webhooks: [webhook, { ...webhook, name: 'b.example.com' }],
})
add(`/apis/${ADMISSION}/validatingwebhookconfigurations`, ADMISSION, 'ValidatingWebhookConfiguration', {})
const matchConstraints = {
  resourceRules: [{ apiGroups: ['example.com'], apiVersions: ['v1'], operations: ['CREATE'], resources: ['nothings'] }],
}
add(`/apis/${ADMISSION}/validatingadmissionpolicies`, ADMISSION, 'ValidatingAdmissionPolicy', {
  spec: { matchConstraints, validations: [{ expression: 'true' }] },
})
add(`/apis/${ADMISSION}/validatingadmissionpolicies`, ADMISSION, 'ValidatingAdmissionPolicy', {
  spec: { paramKind: { apiVersion: 'v1', kind: 'ConfigMap' }, matchConstraints, validations: [{ expression: 'true' }] },
})
for (const paramRef of [
  undefined,
  { name: 'p', namespace: 'n', parameterNotFoundAction: 'Deny' },
  { selector: selectors[1] ?? {}, parameterNotFoundAction: 'Deny' },
]) {
  add(`/apis/${ADMISSION}/validatingadmissionpolicybindings`, ADMISSION, 'ValidatingAdmissionPolicyBinding', {
    spec: { policyName: 'nobody', validationActions: ['Audit'], ...(paramRef === undefined ? {} : { paramRef }) },
  })
}
add(inNamespace('apis/policy/v1', 'poddisruptionbudgets'), 'policy/v1', 'PodDisruptionBudget', {
  spec: { minAvailable: 1, selector: selectors[0] ?? {} },
})
add(
  inNamespace('apis/policy/v1', 'poddisruptionbudgets'),
  'policy/v1',
  'PodDisruptionBudget',
  { spec: { maxUnavailable: '50%', selector: selectors[0] ?? {} } },
  { status: { disruptionsAllowed: 2, currentHealthy: 2, desiredHealthy: 1, expectedPods: 3 } },
)
const hpa = (spec: JsonObject, status?: JsonObject): void =>
  add(
    inNamespace('apis/autoscaling/v2', 'horizontalpodautoscalers'),
    'autoscaling/v2',
    'HorizontalPodAutoscaler',
    { spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'd' }, maxReplicas: 5, ...spec } },
    status === undefined ? {} : { status },
  )
hpa({})
hpa({
  minReplicas: 2,
  metrics: [{ type: 'Resource', resource: { name: 'memory', target: { type: 'AverageValue', averageValue: '1Gi' } } }],
})
hpa(
  {},
  {
    currentReplicas: 3,
    desiredReplicas: 3,
    conditions: [],
    currentMetrics: [
      { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: 40, averageValue: '100m' } } },
    ],
  },
)

// Custom resources
const COLUMNS: readonly JsonObject[] = [
  { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  { name: 'Hosts', type: 'string', jsonPath: '.spec.hosts' },
  { name: 'First', type: 'string', jsonPath: '.spec.hosts[0]' },
  { name: 'Count', type: 'integer', jsonPath: '.spec.count' },
  { name: 'On', type: 'boolean', jsonPath: '.spec.on', priority: 1 },
  { name: 'When', type: 'date', jsonPath: '.spec.when' },
  { name: 'Map', type: 'string', jsonPath: '.spec.map' },
  { name: 'Label', type: 'string', jsonPath: '.metadata.labels.example\\.com/a' },
]
const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
const definition = (kind: string, columns: readonly JsonObject[]): JsonObject => {
  const plural = `${kind.toLowerCase()}s`
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.tables.example.com` },
    spec: {
      group: 'tables.example.com',
      scope: 'Namespaced',
      names: { kind, plural, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema,
          ...(columns.length === 0 ? {} : { additionalPrinterColumns: columns }),
        },
      ],
    },
  }
}
const CUSTOM = 'tables.example.com/v1'
add(inNamespace(`apis/${CUSTOM}`, 'bares'), CUSTOM, 'Bare', {})
add(inNamespace(`apis/${CUSTOM}`, 'shows'), CUSTOM, 'Show', {})
add(inNamespace(`apis/${CUSTOM}`, 'shows'), CUSTOM, 'Show', {
  metadata: { labels: { 'example.com/a': 'l' } },
  spec: { hosts: ['h', 'i'], count: 3, on: true, when: AGO, map: { a: 'b' } },
  status: {
    conditions: [
      { type: 'Other', status: 'False' },
      { type: 'Ready', status: 'True' },
    ],
  },
})

async function main(): Promise<void> {
  await call('POST', '/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: NAMESPACE } })
  await call('POST', inNamespace('api/v1', 'serviceaccounts'), {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default' },
  })
  for (const crd of [definition('Bare', []), definition('Show', COLUMNS)])
    await call('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions', crd)
  for (const plural of ['bares', 'shows'])
    while ((await call('GET', inNamespace(`apis/${CUSTOM}`, plural))).status !== 200);
  const rows: Json[] = []
  for (const item of [...cases, ...(await existing())]) rows.push(await record(item))
  const text = rows.map((row) => JSON.stringify(row)).join(',\n')
  writeFileSync(
    OUTPUT,
    `{"columns":${JSON.stringify(Object.fromEntries(columnsOf))},"printerColumns":${JSON.stringify({ Show: COLUMNS })},"rows":[\n${text}\n]}\n`,
  )
  process.stdout.write(`${rows.length} rows\n`)
}

async function existing(): Promise<Case[]> {
  const at = (path: string, apiVersion: string, kind: string, name: string): Case => ({
    path,
    object: { apiVersion, kind, metadata: { name } },
    exists: true,
  })
  return [
    at('/api/v1/namespaces', 'v1', 'Namespace', NAMESPACE),
    at(
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      'apiextensions.k8s.io/v1',
      'CustomResourceDefinition',
      'bares.tables.example.com',
    ),
  ]
}

const columnsOf = new Map<string, Json>()

async function record({ path, object, status, remove = false, exists = false }: Case): Promise<Json> {
  const { kind, apiVersion } = object as { kind: string; apiVersion: string }
  const url = `${path}/${(object.metadata as JsonObject).name}`
  const made = exists ? undefined : await call('POST', path, object)
  if (made !== undefined && made.status >= 300 && made.status !== 409)
    throw new Error(JSON.stringify([object, made.body]))
  if (status !== undefined) {
    const answer = await call('PATCH', `${url}/status`, { status }, 'application/merge-patch+json')
    if (answer.status >= 300) throw new Error(JSON.stringify([object, status, answer.body]))
  }
  if (remove) await call('DELETE', url)
  const accept = 'application/json;as=Table;v=v1;g=meta.k8s.io'
  const { body, date } = await call('GET', `${url}?includeObject=Object`, undefined, 'application/json', accept)
  const definitions = (body.columnDefinitions as readonly JsonObject[]).map(
    ({ description: _dropped, ...column }) => column,
  )
  columnsOf.set(`${apiVersion}/${kind}`, definitions)
  const [row] = body.rows as readonly JsonObject[]
  const shown = (row?.object ?? {}) as JsonObject
  const { managedFields: _entries, ...metadata } = shown.metadata as JsonObject
  return {
    now: date,
    cells: row?.cells ?? null,
    conditions: row?.conditions ?? null,
    object: { ...shown, apiVersion, kind, metadata },
  } as Json
}

await main()
