import type { JsonObject } from '@proa/kube'

/** A change for the worse. `recorded.json` beside this file has what a real API server (1.36) says of each. */
export interface InvalidCase {
  readonly name: string
  readonly object: JsonObject
  /** For an update: the state before; both are of the same name. */
  readonly before?: JsonObject
}

const container: JsonObject = { name: 'app', image: 'example/app:1' }

export function pod(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', namespace: 'checks', ...metadata },
    spec: { containers: [container], ...spec },
  }
}

function withContainer(more: JsonObject, spec: JsonObject = {}): JsonObject {
  return pod({ containers: [{ ...container, ...more }], ...spec })
}

function initContainer(more: JsonObject): JsonObject {
  return pod({ initContainers: [{ name: 'init', image: 'example/init:1', ...more }] })
}

const labels = { app: 'a' }
const template: JsonObject = { metadata: { labels }, spec: { containers: [container] } }

function workload(kind: string, spec: JsonObject, metadata: JsonObject = {}): JsonObject {
  const apiVersion = kind === 'Job' || kind === 'CronJob' ? 'batch/v1' : 'apps/v1'
  return { apiVersion, kind, metadata: { name: 'w', namespace: 'checks', ...metadata }, spec }
}

function deployment(more: JsonObject = {}): JsonObject {
  return workload('Deployment', { selector: { matchLabels: labels }, template, ...more })
}

export function service(spec: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  const ports = [{ port: 80 }]
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: 's', namespace: 'checks', ...metadata },
    spec: { ports, ...spec },
  }
}

export function webhooks(webhook: JsonObject, more: readonly JsonObject[] = [], kind = 'Mutating'): JsonObject {
  const base: JsonObject = {
    name: 'a.proa.test',
    clientConfig: { service: { name: 's', namespace: 'checks' } },
    admissionReviewVersions: ['v1'],
    sideEffects: 'None',
    rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'admission-none' } },
  }
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name: 'admission-checks' },
    webhooks: [{ ...base, ...webhook }, ...more.map((one) => ({ ...base, ...one }))],
  }
}

function policy(spec: JsonObject): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: 'admission-checks' },
    spec: {
      matchConstraints: {
        resourceRules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'] }],
      },
      validations: [{ expression: 'true' }],
      ...spec,
    },
  }
}

function core(kind: string, more: JsonObject = {}, metadata: JsonObject = {}): JsonObject {
  const namespaced = kind !== 'Namespace'
  return {
    apiVersion: 'v1',
    kind,
    metadata: { name: 'x', ...(namespaced ? { namespace: 'checks' } : {}), ...metadata },
    ...more,
  }
}

const emptyDir = { name: 'data', emptyDir: {} }
const long = 'x'.repeat(64)

export const CASES: readonly InvalidCase[] = [
  // Metadata.
  { name: 'a name with capitals', object: pod({}, { name: 'Bad_Name' }) },
  { name: 'a name that is too long', object: pod({}, { name: 'x'.repeat(254) }) },
  { name: 'a generateName with capitals', object: pod({}, { name: '', generateName: 'Bad-' }) },
  { name: 'no name', object: pod({}, { name: '' }) },
  { name: 'a name that is a path', object: core('ConfigMap', {}, { name: 'a/b' }) },
  { name: 'a label key with spaces', object: pod({}, { labels: { 'a b': 'c' } }) },
  { name: 'a label key with a bad prefix', object: pod({}, { labels: { 'A_/b': 'c' } }) },
  { name: 'a label key of two slashes', object: pod({}, { labels: { 'a/b/c': 'd' } }) },
  { name: 'a long label key', object: pod({}, { labels: { [long]: 'd' } }) },
  { name: 'a label value with spaces', object: pod({}, { labels: { a: 'b c' } }) },
  { name: 'a long label value', object: pod({}, { labels: { a: long } }) },
  { name: 'an annotation key with spaces', object: pod({}, { annotations: { 'a b': 'c' } }) },
  { name: 'annotations that are too long', object: pod({}, { annotations: { a: 'x'.repeat(262_145) } }) },
  { name: 'a finalizer without a domain', object: core('ConfigMap', {}, { finalizers: ['x'] }) },
  { name: 'a bad finalizer', object: core('ConfigMap', {}, { finalizers: ['a b'] }) },
  {
    name: 'an owner without uid',
    object: pod({}, { ownerReferences: [{ apiVersion: 'v1', kind: 'Pod', name: 'a' }] }),
  },
  {
    name: 'two controllers',
    object: pod(
      {},
      {
        ownerReferences: [
          { apiVersion: 'v1', kind: 'Pod', name: 'a', uid: '1', controller: true },
          { apiVersion: 'v1', kind: 'Pod', name: 'b', uid: '2', controller: true },
        ],
      },
    ),
  },
  { name: 'a namespace with a dot', object: core('Namespace', {}, { name: 'a.b' }) },
  { name: 'a ConfigMap key with a slash', object: core('ConfigMap', { data: { 'a/b': 'c' } }) },
  { name: 'a ConfigMap key twice', object: core('ConfigMap', { data: { a: 'c' }, binaryData: { a: 'Yw==' } }) },
  { name: 'a Secret key with a slash', object: core('Secret', { data: { 'a/b': 'Yw==' } }) },
  {
    name: 'a TLS Secret without a key',
    object: core('Secret', { type: 'kubernetes.io/tls', data: { 'tls.crt': '' } }),
  },
  // Pods.
  { name: 'no containers', object: pod({ containers: [] }) },
  { name: 'a container without name and image', object: pod({ containers: [{}] }) },
  { name: 'a container name with capitals', object: withContainer({ name: 'App_1' }) },
  { name: 'a long container name', object: withContainer({ name: long }) },
  { name: 'two containers of one name', object: pod({ containers: [container, container] }) },
  { name: 'an init container with the name of a container', object: initContainer({ name: 'app' }) },
  { name: 'an image with spaces around it', object: withContainer({ image: ' a ' }) },
  { name: 'an unknown pull policy', object: withContainer({ imagePullPolicy: 'Sometimes' }) },
  { name: 'a port without number', object: withContainer({ ports: [{ name: 'a' }] }) },
  { name: 'a port out of range', object: withContainer({ ports: [{ containerPort: 70_000 }] }) },
  { name: 'a port name with capitals', object: withContainer({ ports: [{ containerPort: 80, name: 'HTTP' }] }) },
  { name: 'a long port name', object: withContainer({ ports: [{ containerPort: 80, name: 'abcdefghijklmnop' }] }) },
  { name: 'a port name of digits', object: withContainer({ ports: [{ containerPort: 80, name: '80' }] }) },
  { name: 'a port name with two hyphens', object: withContainer({ ports: [{ containerPort: 80, name: 'a--b' }] }) },
  {
    name: 'a port name twice',
    object: withContainer({
      ports: [
        { containerPort: 80, name: 'a' },
        { containerPort: 81, name: 'a' },
      ],
    }),
  },
  { name: 'an unknown protocol', object: withContainer({ ports: [{ containerPort: 80, protocol: 'HTTP' }] }) },
  {
    name: 'a host port that differs on the host network',
    object: withContainer({ ports: [{ containerPort: 80, hostPort: 81 }] }, { hostNetwork: true }),
  },
  {
    name: 'a host port twice',
    object: withContainer({
      ports: [
        { containerPort: 80, hostPort: 81 },
        { containerPort: 82, hostPort: 81 },
      ],
    }),
  },
  { name: 'a variable without name', object: withContainer({ env: [{ value: 'a' }] }) },
  { name: 'a variable name with a space', object: withContainer({ env: [{ name: 'a b', value: 'a' }] }) },
  {
    name: 'a variable with value and source',
    object: withContainer({
      env: [{ name: 'A', value: 'a', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
    }),
  },
  { name: 'a variable with an empty source', object: withContainer({ env: [{ name: 'A', valueFrom: {} }] }) },
  {
    name: 'a variable with two sources',
    object: withContainer({
      env: [
        {
          name: 'A',
          valueFrom: { fieldRef: { fieldPath: 'metadata.name' }, configMapKeyRef: { name: 'a', key: 'b' } },
        },
      ],
    }),
  },
  {
    name: 'a variable of an unknown field',
    object: withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.nothing' } } }] }),
  },
  {
    name: 'a variable of an unsupported field',
    object: withContainer({ env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.labels' } } }] }),
  },
  {
    name: 'a variable of a ConfigMap without key',
    object: withContainer({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'a' } } }] }),
  },
  { name: 'envFrom of nothing', object: withContainer({ envFrom: [{}] }) },
  {
    name: 'a mount of an unknown volume',
    object: withContainer({ volumeMounts: [{ name: 'data', mountPath: '/data' }] }),
  },
  {
    name: 'a mount without path',
    object: withContainer({ volumeMounts: [{ name: 'data' }] }, { volumes: [emptyDir] }),
  },
  {
    name: 'a mount path twice',
    object: withContainer(
      {
        volumeMounts: [
          { name: 'data', mountPath: '/a' },
          { name: 'data', mountPath: '/a' },
        ],
      },
      { volumes: [emptyDir] },
    ),
  },
  {
    name: 'a sub path that climbs',
    object: withContainer(
      { volumeMounts: [{ name: 'data', mountPath: '/a', subPath: '../b' }] },
      { volumes: [emptyDir] },
    ),
  },
  {
    name: 'a request over the limit',
    object: withContainer({ resources: { requests: { cpu: '2' }, limits: { cpu: '1' } } }),
  },
  { name: 'a negative request', object: withContainer({ resources: { requests: { cpu: '-1' } } }) },
  { name: 'an unknown resource', object: withContainer({ resources: { requests: { cpus: '1' } } }) },
  { name: 'a probe without action', object: withContainer({ livenessProbe: {} }) },
  {
    name: 'a probe with two actions',
    object: withContainer({ livenessProbe: { httpGet: { port: 80 }, tcpSocket: { port: 80 } } }),
  },
  { name: 'a probe without port', object: withContainer({ livenessProbe: { httpGet: { path: '/' } } }) },
  {
    name: 'a probe with a negative time',
    object: withContainer({ livenessProbe: { tcpSocket: { port: 80 }, periodSeconds: -1 } }),
  },
  {
    name: 'a liveness probe that must succeed twice',
    object: withContainer({ livenessProbe: { tcpSocket: { port: 80 }, successThreshold: 2 } }),
  },
  { name: 'a probe of an empty command', object: withContainer({ readinessProbe: { exec: {} } }) },
  {
    name: 'a privileged container that may not gain privileges',
    object: withContainer({ securityContext: { privileged: true, allowPrivilegeEscalation: false } }),
  },
  { name: 'a negative user', object: withContainer({ securityContext: { runAsUser: -1 } }) },
  { name: 'a lifecycle hook without action', object: withContainer({ lifecycle: { preStop: {} } }) },
  {
    name: 'a container with a restart policy of an init container',
    object: withContainer({ restartPolicy: 'Sometimes' }),
  },
  { name: 'an init container that restarts sometimes', object: initContainer({ restartPolicy: 'Sometimes' }) },
  {
    name: 'an init container with a readiness probe',
    object: initContainer({ readinessProbe: { tcpSocket: { port: 80 } } }),
  },
  {
    name: 'an init container with a lifecycle',
    object: initContainer({ lifecycle: { preStop: { exec: { command: ['a'] } } } }),
  },
  {
    name: 'a native sidecar with a probe without action',
    object: initContainer({ restartPolicy: 'Always', startupProbe: {} }),
  },
  { name: 'an unknown restart policy of the Pod', object: pod({ restartPolicy: 'Sometimes' }) },
  { name: 'an unknown DNS policy', object: pod({ dnsPolicy: 'Some' }) },
  { name: 'DNS None without servers', object: pod({ dnsPolicy: 'None' }) },
  { name: 'a negative grace period', object: pod({ terminationGracePeriodSeconds: -1 }) },
  { name: 'a negative deadline', object: pod({ activeDeadlineSeconds: -1 }) },
  { name: 'a ServiceAccount name with capitals', object: pod({ serviceAccountName: 'Bad' }) },
  { name: 'a node name with capitals', object: pod({ nodeName: 'Bad' }) },
  { name: 'a node selector with a bad key', object: pod({ nodeSelector: { 'a b': 'c' } }) },
  { name: 'a bad host name', object: pod({ hostname: 'a.b' }) },
  { name: 'a volume without name', object: pod({ volumes: [{ emptyDir: {} }] }) },
  { name: 'a volume twice', object: pod({ volumes: [emptyDir, emptyDir] }) },
  {
    name: 'a volume of two kinds',
    object: pod({ volumes: [{ name: 'data', emptyDir: {}, hostPath: { path: '/a' } }] }),
  },
  { name: 'a Secret volume without name', object: pod({ volumes: [{ name: 'data', secret: {} }] }) },
  { name: 'a ConfigMap volume without name', object: pod({ volumes: [{ name: 'data', configMap: {} }] }) },
  { name: 'a host path without path', object: pod({ volumes: [{ name: 'data', hostPath: {} }] }) },
  { name: 'a claim without name', object: pod({ volumes: [{ name: 'data', persistentVolumeClaim: {} }] }) },
  {
    name: 'a projected volume without sources',
    object: pod({ volumes: [{ name: 'data', projected: { sources: [{}] } }] }),
  },
  {
    name: 'a token that lives too short',
    object: pod({
      volumes: [
        { name: 'data', projected: { sources: [{ serviceAccountToken: { path: 'a', expirationSeconds: 10 } }] } },
      ],
    }),
  },
  {
    name: 'a token without path',
    object: pod({ volumes: [{ name: 'data', projected: { sources: [{ serviceAccountToken: {} }] } }] }),
  },
  { name: 'a toleration with an unknown operator', object: pod({ tolerations: [{ key: 'a', operator: 'In' }] }) },
  {
    name: 'a toleration that exists with a value',
    object: pod({ tolerations: [{ key: 'a', operator: 'Exists', value: 'b' }] }),
  },
  { name: 'a toleration with an unknown effect', object: pod({ tolerations: [{ key: 'a', effect: 'Never' }] }) },
  { name: 'a host alias that is no address', object: pod({ hostAliases: [{ ip: 'a', hostnames: ['b'] }] }) },
  { name: 'sysctls twice', object: pod({ securityContext: { sysctls: [{ name: 'a b', value: '' }] } }) },
  { name: 'a negative group', object: pod({ securityContext: { fsGroup: -1 } }) },
  // Updates of Pods.
  { name: 'another image is allowed', object: withContainer({ image: 'example/app:2' }), before: pod() },
  { name: 'another command', object: withContainer({ command: ['b'] }), before: pod() },
  { name: 'one more container', object: pod({ containers: [container, { name: 'b', image: 'b' }] }), before: pod() },
  { name: 'another label is allowed', object: pod({}, { labels: { a: 'b' } }), before: pod() },
  { name: 'one more init container', object: initContainer({}), before: pod() },
  { name: 'an empty image', object: withContainer({ image: '' }), before: pod() },
  // Workloads.
  { name: 'a Deployment without selector', object: workload('Deployment', { template }) },
  { name: 'a Deployment without template', object: workload('Deployment', { selector: { matchLabels: labels } }) },
  {
    name: 'a Deployment whose selector does not match',
    object: deployment({ selector: { matchLabels: { app: 'b' } } }),
  },
  { name: 'a Deployment with an empty selector', object: deployment({ selector: {} }) },
  {
    name: 'a Deployment with a bad selector',
    object: deployment({ selector: { matchExpressions: [{ key: 'a', operator: 'In' }] } }),
  },
  {
    name: 'a Deployment with an unknown operator',
    object: deployment({ selector: { matchLabels: labels, matchExpressions: [{ key: 'a', operator: 'Is' }] } }),
  },
  { name: 'a Deployment with negative replicas', object: deployment({ replicas: -1 }) },
  {
    name: 'a Deployment whose Pods end',
    object: deployment({
      template: { metadata: { labels }, spec: { containers: [container], restartPolicy: 'Never' } },
    }),
  },
  {
    name: 'a Deployment with a bad container',
    object: deployment({ template: { metadata: { labels }, spec: { containers: [{ name: 'A' }] } } }),
  },
  {
    name: 'a Deployment of nothing at all',
    object: deployment({ strategy: { rollingUpdate: { maxSurge: 0, maxUnavailable: 0 } } }),
  },
  { name: 'a Deployment with an unknown strategy', object: deployment({ strategy: { type: 'Blue' } }) },
  {
    name: 'a Deployment that recreates with a rolling update',
    object: deployment({ strategy: { type: 'Recreate', rollingUpdate: { maxSurge: 1 } } }),
  },
  {
    name: 'a Deployment with bad template labels',
    object: deployment({
      template: { metadata: { labels: { app: 'a', 'b c': 'd' } }, spec: { containers: [container] } },
    }),
  },
  {
    name: 'a Deployment with another selector',
    object: deployment({
      selector: { matchLabels: { app: 'b' } },
      template: { ...template, metadata: { labels: { app: 'b' } } },
    }),
    before: deployment(),
  },
  {
    name: 'a ReplicaSet whose selector does not match',
    object: workload('ReplicaSet', { selector: { matchLabels: { app: 'b' } }, template }),
  },
  { name: 'a ReplicaSet without selector', object: workload('ReplicaSet', { template }) },
  {
    name: 'a StatefulSet whose selector does not match',
    object: workload('StatefulSet', { serviceName: 's', selector: { matchLabels: { app: 'b' } }, template }),
  },
  {
    name: 'a StatefulSet with another service',
    object: workload('StatefulSet', { serviceName: 't', selector: { matchLabels: labels }, template }),
    before: workload('StatefulSet', { serviceName: 's', selector: { matchLabels: labels }, template }),
  },
  {
    name: 'a DaemonSet whose selector does not match',
    object: workload('DaemonSet', { selector: { matchLabels: { app: 'b' } }, template }),
  },
  { name: 'a DaemonSet without selector', object: workload('DaemonSet', { template }) },
  { name: 'a Job whose Pods restart always', object: workload('Job', { template }) },
  {
    name: 'a Job with negative numbers',
    object: workload('Job', {
      parallelism: -1,
      backoffLimit: -1,
      template: { spec: { containers: [container], restartPolicy: 'Never' } },
    }),
  },
  {
    name: 'a Job with another template',
    object: workload('Job', {
      template: { spec: { containers: [{ ...container, image: 'b' }], restartPolicy: 'Never' } },
    }),
    before: workload('Job', { template: { spec: { containers: [container], restartPolicy: 'Never' } } }),
  },
  {
    name: 'a CronJob without schedule',
    object: workload('CronJob', {
      jobTemplate: { spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } } },
    }),
  },
  {
    name: 'a CronJob with a bad schedule',
    object: workload('CronJob', {
      schedule: 'now',
      jobTemplate: { spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } } },
    }),
  },
  {
    name: 'a CronJob whose Pods restart always',
    object: workload('CronJob', {
      schedule: '* * * * *',
      jobTemplate: { spec: { template: { spec: { containers: [container] } } } },
    }),
  },
  {
    name: 'a CronJob with an unknown concurrency',
    object: workload('CronJob', {
      schedule: '* * * * *',
      concurrencyPolicy: 'Some',
      jobTemplate: { spec: { template: { spec: { containers: [container], restartPolicy: 'Never' } } } },
    }),
  },
  // Services.
  { name: 'a Service without ports', object: service({ ports: [] }) },
  { name: 'a Service with a port out of range', object: service({ ports: [{ port: 0 }] }) },
  { name: 'a Service with two ports without names', object: service({ ports: [{ port: 80 }, { port: 81 }] }) },
  {
    name: 'a Service with a port name twice',
    object: service({
      ports: [
        { port: 80, name: 'a' },
        { port: 81, name: 'a' },
      ],
    }),
  },
  {
    name: 'a Service with a port twice',
    object: service({
      ports: [
        { port: 80, name: 'a' },
        { port: 80, name: 'b' },
      ],
    }),
  },
  { name: 'a Service with a bad port name', object: service({ ports: [{ port: 80, name: 'A_B' }] }) },
  { name: 'a Service with a bad target', object: service({ ports: [{ port: 80, targetPort: 'A_B' }] }) },
  { name: 'a Service of an unknown protocol', object: service({ ports: [{ port: 80, protocol: 'HTTP' }] }) },
  { name: 'a Service of an unknown type', object: service({ type: 'Public' }) },
  { name: 'a Service elsewhere without name', object: service({ type: 'ExternalName' }) },
  { name: 'a Service with a bad selector', object: service({ selector: { 'a b': 'c' } }) },
  { name: 'a Service name that begins with a digit', object: service({}, { name: '1s' }) },
  { name: 'a Service with an unknown affinity', object: service({ sessionAffinity: 'Some' }) },
  // Webhook configurations and policies.
  { name: 'a webhook with a short name', object: webhooks({ name: 'a' }) },
  { name: 'a webhook without name', object: webhooks({ name: '' }) },
  { name: 'two webhooks of one name', object: webhooks({}, [{}]) },
  { name: 'a webhook without client', object: webhooks({ clientConfig: {} }) },
  {
    name: 'a webhook with URL and service',
    object: webhooks({ clientConfig: { url: 'https://a.example', service: { name: 's', namespace: 'checks' } } }),
  },
  { name: 'a webhook with an http URL', object: webhooks({ clientConfig: { url: 'http://a.example' } }) },
  {
    name: 'a webhook with a URL with a query',
    object: webhooks({ clientConfig: { url: 'https://u:p@a.example/b?c=d#e' } }),
  },
  { name: 'a webhook with a URL without host', object: webhooks({ clientConfig: { url: 'https:///b' } }) },
  {
    name: 'a webhook with a service without name',
    object: webhooks({ clientConfig: { service: { namespace: 'checks' } } }),
  },
  {
    name: 'a webhook with a bad path',
    object: webhooks({ clientConfig: { service: { name: 's', namespace: 'checks', path: 'a//b' } } }),
  },
  {
    name: 'a webhook with an empty step in its path',
    object: webhooks({ clientConfig: { service: { name: 's', namespace: 'checks', path: '/a//b' } } }),
  },
  {
    name: 'a webhook with a port out of range',
    object: webhooks({ clientConfig: { service: { name: 's', namespace: 'checks', port: 70_000 } } }),
  },
  {
    name: 'a webhook with a bundle that is no PEM',
    object: webhooks({ clientConfig: { caBundle: 'aGVsbG8=', service: { name: 's', namespace: 'checks' } } }),
  },
  { name: 'a webhook without side effects', object: webhooks({ sideEffects: null }) },
  { name: 'a webhook with unknown side effects', object: webhooks({ sideEffects: 'Unknown' }) },
  { name: 'a webhook with some side effects', object: webhooks({ sideEffects: 'Some' }) },
  { name: 'a webhook without versions', object: webhooks({ admissionReviewVersions: [] }) },
  { name: 'a webhook with unknown versions', object: webhooks({ admissionReviewVersions: ['v2'] }) },
  { name: 'a webhook with a version twice', object: webhooks({ admissionReviewVersions: ['v1', 'v1'] }) },
  { name: 'a webhook with a bad version', object: webhooks({ admissionReviewVersions: ['V 1', 'v1'] }) },
  { name: 'a webhook with a timeout of 0', object: webhooks({ timeoutSeconds: 0 }) },
  { name: 'a webhook with a timeout of 31', object: webhooks({ timeoutSeconds: 31 }) },
  { name: 'a webhook with an unknown failure policy', object: webhooks({ failurePolicy: 'Some' }) },
  { name: 'a webhook with an unknown match policy', object: webhooks({ matchPolicy: 'Some' }) },
  { name: 'a webhook with an unknown reinvocation policy', object: webhooks({ reinvocationPolicy: 'Always' }) },
  {
    name: 'a webhook with a bad selector',
    object: webhooks({ objectSelector: { matchExpressions: [{ key: 'a', operator: 'Exists', values: ['b'] }] } }),
  },
  { name: 'a webhook with an empty rule', object: webhooks({ rules: [{}] }) },
  {
    name: 'a webhook with an unknown operation',
    object: webhooks({ rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['READ'] }] }),
  },
  {
    name: 'a webhook with a star among others',
    object: webhooks({
      rules: [
        { apiGroups: ['*', 'a'], apiVersions: ['*', 'v1'], resources: ['*', 'pods'], operations: ['*', 'CREATE'] },
      ],
    }),
  },
  {
    name: 'a webhook with an empty version',
    object: webhooks({ rules: [{ apiGroups: [''], apiVersions: [''], resources: [''], operations: ['CREATE'] }] }),
  },
  {
    name: 'a webhook with an unknown scope',
    object: webhooks({
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['CREATE'], scope: 'World' }],
    }),
  },
  { name: 'a match condition without name', object: webhooks({ matchConditions: [{ expression: 'true' }] }) },
  { name: 'a match condition without expression', object: webhooks({ matchConditions: [{ name: 'a' }] }) },
  {
    name: 'a match condition twice',
    object: webhooks({
      matchConditions: [
        { name: 'a', expression: 'true' },
        { name: 'a', expression: 'true' },
      ],
    }),
  },
  {
    name: 'a match condition that is no bool',
    object: webhooks({ matchConditions: [{ name: 'a', expression: '1' }] }),
  },
  {
    name: 'a match condition that does not parse',
    object: webhooks({ matchConditions: [{ name: 'a', expression: 'object.' }] }),
  },
  {
    name: 'a match condition with an unknown variable',
    object: webhooks({ matchConditions: [{ name: 'a', expression: 'nothing == 1' }] }),
  },
  { name: 'a validating webhook with a short name', object: webhooks({ name: 'a' }, [], 'Validating') },
  { name: 'a policy without validations', object: policy({ validations: [] }) },
  { name: 'a policy without constraints', object: policy({ matchConstraints: null }) },
  { name: 'a policy with an empty expression', object: policy({ validations: [{ expression: '' }] }) },
  {
    name: 'a policy with a message of two lines',
    object: policy({ validations: [{ expression: 'true', message: 'a\nb' }] }),
  },
  {
    name: 'a policy with an unknown reason',
    object: policy({ validations: [{ expression: 'true', reason: 'Because' }] }),
  },
  // Roles.
  {
    name: 'a Role without verbs',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'r', namespace: 'checks' },
      rules: [{ apiGroups: [''], resources: ['pods'] }],
    },
  },
  {
    name: 'a binding to nothing',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'r', namespace: 'checks' },
      roleRef: { kind: 'Thing', name: '' },
      subjects: [
        { kind: 'Robot', name: '' },
        { kind: 'ServiceAccount', name: 'a' },
      ],
    },
  },
]
