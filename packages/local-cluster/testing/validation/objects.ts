import type { JsonObject } from '@proa/kube'
import { pod, service, webhooks } from './cases.ts'

/** Objects that leave much out. `filled.json` beside this file has what a real API server (1.36) makes of them. */

const labels = { app: 'a' }
const full: JsonObject = {
  name: 'app',
  image: 'example/app',
  ports: [{ containerPort: 80 }, { containerPort: 81, name: 'b', protocol: 'UDP' }],
  env: [
    { name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
    { name: 'B', valueFrom: { resourceFieldRef: { resource: 'limits.cpu' } } },
    { name: 'C' },
  ],
  resources: { limits: { cpu: '1000m', memory: '1Gi' }, requests: { cpu: '0.5' } },
  livenessProbe: { httpGet: { port: 80 } },
  readinessProbe: { exec: { command: ['a'] }, timeoutSeconds: 5 },
  startupProbe: { grpc: { port: 80 } },
  lifecycle: { preStop: { httpGet: { port: 80 } } },
  volumeMounts: [{ name: 'secret', mountPath: '/s' }],
}
const volumes: JsonObject[] = [
  { name: 'none' },
  { name: 'secret', secret: { secretName: 'a' } },
  { name: 'config', configMap: { name: 'a' } },
  { name: 'down', downwardAPI: { items: [{ path: 'a', fieldRef: { fieldPath: 'metadata.name' } }] } },
  { name: 'host', hostPath: { path: '/a' } },
  {
    name: 'projected',
    projected: {
      sources: [
        { serviceAccountToken: { path: 'a' } },
        { configMap: { name: 'a' } },
        { downwardAPI: { items: [{ path: 'b', fieldRef: { fieldPath: 'metadata.labels' } }] } },
      ],
    },
  },
  {
    name: 'claim',
    ephemeral: {
      volumeClaimTemplate: { spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } },
    },
  },
]
const template: JsonObject = {
  metadata: { labels },
  spec: {
    containers: [full],
    initContainers: [
      {
        name: 'init',
        image: 'a@sha256:0000000000000000000000000000000000000000000000000000000000000000',
        restartPolicy: 'Always',
      },
    ],
    volumes,
  },
}
const once: JsonObject = {
  metadata: { labels },
  spec: { containers: [{ name: 'a', image: 'a:latest' }], restartPolicy: 'Never' },
}

function workload(kind: string, name: string, spec: JsonObject): JsonObject {
  const apiVersion = kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1'
  return { apiVersion, kind, metadata: { name, namespace: 'checks' }, spec }
}

const selector = { matchLabels: labels }
const other = (apiVersion: string, kind: string, rest: JsonObject, namespaced = true): JsonObject => ({
  apiVersion,
  kind,
  metadata: { name: 'admission-checks', ...(namespaced ? { namespace: 'checks' } : {}) },
  ...rest,
})

export const OBJECTS: readonly JsonObject[] = [
  pod({}, { name: 'smallest' }),
  pod(template.spec as JsonObject, { name: 'full' }),
  pod(
    { hostNetwork: true, containers: [{ name: 'a', image: 'registry:5000/a', ports: [{ containerPort: 80 }] }] },
    { name: 'host' },
  ),
  pod(
    {
      topologySpreadConstraints: [{ maxSkew: 1, topologyKey: 'a', whenUnsatisfiable: 'ScheduleAnyway' }],
      tolerations: [{ key: 'a' }],
      automountServiceAccountToken: false,
      priorityClassName: 'system-node-critical',
    },
    { name: 'more' },
  ),
  workload('Deployment', 'full', { selector, template }),
  workload('Deployment', 'recreate', { selector, template, strategy: { type: 'Recreate' }, replicas: 0 }),
  workload('Deployment', 'rolling', { selector, template, strategy: { rollingUpdate: { maxSurge: 2 } } }),
  workload('ReplicaSet', 'full', { selector, template }),
  workload('StatefulSet', 'full', {
    selector,
    template,
    volumeClaimTemplates: [
      {
        metadata: { name: 'c' },
        spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
      },
    ],
  }),
  workload('StatefulSet', 'delete', { selector, template, serviceName: 's', updateStrategy: { type: 'OnDelete' } }),
  workload('DaemonSet', 'full', { selector, template }),
  workload('Job', 'full', { template: once }),
  workload('Job', 'parallel', { template: once, parallelism: 3 }),
  workload('Job', 'indexed', { template: once, completions: 3, completionMode: 'Indexed', backoffLimitPerIndex: 1 }),
  workload('CronJob', 'full', { schedule: '* * * * *', jobTemplate: { spec: { template: once } } }),
  service({}, { name: 'smallest' }),
  service(
    {
      type: 'NodePort',
      ports: [
        { port: 80, targetPort: 'http', name: 'a' },
        { port: 81, name: 'b', protocol: 'UDP' },
      ],
    },
    { name: 'node' },
  ),
  service({ type: 'LoadBalancer', sessionAffinity: 'ClientIP' }, { name: 'balancer' }),
  service({ type: 'ExternalName', externalName: 'a.example' }, { name: 'elsewhere' }),
  service({ clusterIP: 'None', selector: labels }, { name: 'headless' }),
  webhooks({ clientConfig: { service: { name: 's', namespace: 'checks' } } }),
  webhooks({ namespaceSelector: null, failurePolicy: 'Ignore' }, [], 'Validating'),
  other(
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicy',
    {
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        },
        validations: [{ expression: 'true' }],
      },
    },
    false,
  ),
  other(
    'admissionregistration.k8s.io/v1',
    'ValidatingAdmissionPolicyBinding',
    {
      spec: {
        policyName: 'a',
        validationActions: ['Deny'],
        matchResources: {
          resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
        },
      },
    },
    false,
  ),
  other('v1', 'Secret', { stringData: {} }),
  other('v1', 'ConfigMap', {}),
  other('v1', 'Namespace', {}, false),
  other('v1', 'ServiceAccount', {}),
  other('v1', 'PersistentVolumeClaim', {
    spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
  }),
  other('v1', 'Endpoints', { subsets: [{ addresses: [{ ip: '10.0.0.1' }], ports: [{ port: 80 }] }] }),
  other('discovery.k8s.io/v1', 'EndpointSlice', {
    addressType: 'IPv4',
    endpoints: [{ addresses: ['10.0.0.1'] }],
    ports: [{ port: 80 }],
  }),
  other('rbac.authorization.k8s.io/v1', 'RoleBinding', {
    roleRef: { kind: 'Role', name: 'a' },
    subjects: [
      { kind: 'User', name: 'a' },
      { kind: 'ServiceAccount', name: 'a', namespace: 'b' },
    ],
  }),
  other(
    'rbac.authorization.k8s.io/v1',
    'ClusterRole',
    { rules: [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }] },
    false,
  ),
  other('policy/v1', 'PodDisruptionBudget', { spec: { minAvailable: 1, selector } }),
  other('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, egress: [{ ports: [{ port: 53 }] }] } }),
  other('coordination.k8s.io/v1', 'Lease', { spec: {} }),
  other('autoscaling/v2', 'HorizontalPodAutoscaler', {
    spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' } },
  }),
  other('scheduling.k8s.io/v1', 'PriorityClass', { value: 5 }, false),
]
