/** Workloads of the large cluster with their Pods, as controllers, the API server and kubelets leave them. */
import { isObject, type JsonObject } from '@proa/kube'

export const CREATED = '2026-11-10T08:00:10Z'

export interface Workload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'Job'
  readonly name: string
  readonly replicas: number
}

/** Ten Pods. */
export const WORKLOADS: readonly Workload[] = [
  { kind: 'Deployment', name: 'web', replicas: 3 },
  { kind: 'Deployment', name: 'api', replicas: 2 },
  { kind: 'Deployment', name: 'worker', replicas: 2 },
  { kind: 'Deployment', name: 'admin', replicas: 1 },
  { kind: 'StatefulSet', name: 'store', replicas: 1 },
  { kind: 'Job', name: 'migrate', replicas: 1 },
]

export function template({ kind, name }: Workload, namespace: number): JsonObject {
  // Every fifteenth namespace asks for a sidecar in a way that is not heard.
  const odd = namespace % 15 === 7 && name === 'api' ? { 'sidecar.istio.io/inject': 'True' } : {}
  const annotations = namespace % 11 === 3 && name === 'web' ? { 'sidecar.istio.io/proxyCPU': '200m' } : {}
  return {
    metadata: { labels: { app: name, 'app.kubernetes.io/name': name, tier: 'backend', ...odd }, annotations },
    spec: {
      serviceAccountName: name,
      restartPolicy: kind === 'Job' ? 'Never' : 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      securityContext: {},
      schedulerName: 'default-scheduler',
      volumes: [{ name: 'config', configMap: { name: `${name}-config`, defaultMode: 420 } }],
      containers: [
        {
          name,
          image: `registry.example.com/team-${namespace}/${name}:1.${namespace % 30}.0`,
          imagePullPolicy: 'IfNotPresent',
          ports: [
            { containerPort: namespace % 40 === 9 && name === 'admin' ? 15_090 : 8080, name: 'http', protocol: 'TCP' },
          ],
          env: Array.from({ length: 12 }, (_, i) => ({
            name: `SETTING_${i}`,
            value: `https://setting-${i}.example.com/${namespace}`,
          })),
          livenessProbe: { httpGet: { path: '/healthz', port: 'http' }, periodSeconds: 10, failureThreshold: 3 },
          readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 10, failureThreshold: 3 },
          resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
          volumeMounts: [{ name: 'config', mountPath: '/etc/config' }],
        },
      ],
    },
  }
}

/** What the API server, the scheduler and the kubelet add to a Pod. */
function running(pod: JsonObject, { name, namespace, node, owner }: Placed): JsonObject {
  const metadata = isObject(pod.metadata) ? pod.metadata : {}
  const spec = isObject(pod.spec) ? pod.spec : {}
  const access = `kube-api-access-${name.slice(-5)}`
  const [containers, initContainers] = [withAccess(spec.containers, access), withAccess(spec.initContainers, access)]
  const sources = [{ serviceAccountToken: { expirationSeconds: 3607, path: 'token' } }]
  const uid = `uid-${namespace}-${owner.name}`
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      ...metadata,
      name,
      namespace,
      uid: `pod-${namespace}-${name}`,
      resourceVersion: '123456789',
      creationTimestamp: CREATED,
      ownerReferences: [{ ...owner, uid, controller: true, blockOwnerDeletion: true }],
      managedFields: managedFields(containers),
    },
    spec: {
      ...spec,
      nodeName: node,
      containers,
      ...(initContainers.length === 0 ? {} : { initContainers }),
      volumes: [
        ...(Array.isArray(spec.volumes) ? spec.volumes : []),
        { name: access, projected: { defaultMode: 420, sources } },
      ],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
      ],
    },
    status: statusOf(containers, initContainers, owner.kind === 'Job'),
  }
}

function withAccess(list: unknown, access: string): JsonObject[] {
  const mount = { name: access, mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }
  return (Array.isArray(list) ? list : []).map((one) => ({
    ...one,
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    volumeMounts: [...(one.volumeMounts ?? []), mount],
  }))
}

function statusOf(containers: readonly JsonObject[], initContainers: readonly JsonObject[], done: boolean): JsonObject {
  return {
    phase: done ? 'Succeeded' : 'Running',
    podIP: '10.244.17.9',
    podIPs: [{ ip: '10.244.17.9' }],
    hostIP: '192.168.1.17',
    startTime: CREATED,
    qosClass: 'Burstable',
    conditions: ['PodScheduled', 'Initialized', 'ContainersReady', 'Ready'].map((type) => ({
      type,
      status: done && type.endsWith('Ready') ? 'False' : 'True',
      lastTransitionTime: CREATED,
    })),
    containerStatuses: containers.map((one) => state(one, done)),
    ...(initContainers.length === 0 ? {} : { initContainerStatuses: initContainers.map((one) => state(one, true)) }),
  }
}

function state({ name = '', image = '' }: JsonObject, ended: boolean): JsonObject {
  return {
    name,
    image,
    imageID: `sha256:${'0123456789abcdef'.repeat(4)}`,
    containerID: `containerd://${'fedcba9876543210'.repeat(4)}`,
    ready: !ended || name === 'istio-init',
    started: !ended,
    restartCount: 0,
    state: ended
      ? { terminated: { exitCode: 0, reason: 'Completed', finishedAt: CREATED } }
      : { running: { startedAt: CREATED } },
  }
}

interface Placed {
  readonly name: string
  readonly namespace: string
  readonly node: string
  readonly owner: { readonly apiVersion: string; readonly kind: string; readonly name: string }
}

/** Who wrote what, as long as the real thing. */
function managedFields(containers: readonly JsonObject[]): JsonObject[] {
  const fields = (one: JsonObject): JsonObject => Object.fromEntries(Object.keys(one).map((key) => [`f:${key}`, {}]))
  const of = Object.fromEntries(
    containers.map((one) => [`k:{"name":"${String(one.name)}"}`, { '.': {}, ...fields(one) }]),
  )
  return [
    {
      manager: 'kube-controller-manager',
      operation: 'Update',
      apiVersion: 'v1',
      time: CREATED,
      fieldsType: 'FieldsV1',
      fieldsV1: {
        'f:metadata': { 'f:labels': {} },
        'f:spec': { 'f:containers': of, 'f:dnsPolicy': {}, 'f:restartPolicy': {} },
      },
    },
    { manager: 'kubelet', operation: 'Update', apiVersion: 'v1', time: CREATED, subresource: 'status' },
  ]
}

export function workloadObjects(
  workload: Workload,
  namespace: string,
  made: JsonObject,
  inject: (pod: JsonObject) => JsonObject,
  node: (i: number) => string,
): JsonObject[] {
  const { kind, name, replicas } = workload
  const hash = '7c9d8b6f5'
  const [apiVersion, between] = kind === 'Job' ? ['batch/v1', false] : ['apps/v1', kind === 'Deployment']
  const maker = between
    ? { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: `${name}-${hash}` }
    : { apiVersion, kind, name }
  const metadata = made.metadata as { readonly labels: JsonObject }
  const labelled = {
    ...made,
    metadata: { ...(made.metadata as JsonObject), labels: { ...metadata.labels, 'pod-template-hash': hash } },
  }
  const owner: JsonObject = {
    apiVersion,
    kind,
    metadata: {
      name,
      namespace,
      uid: `uid-${namespace}-${name}`,
      creationTimestamp: CREATED,
      labels: metadata.labels,
      generation: 3,
      managedFields: managedFields([]),
    },
    spec: { replicas, selector: { matchLabels: { app: name } }, template: made },
    status: { replicas, readyReplicas: replicas, availableReplicas: replicas },
  }
  const replicaSet: JsonObject = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    metadata: {
      name: maker.name,
      namespace,
      uid: `uid-${namespace}-${maker.name}`,
      creationTimestamp: CREATED,
      ownerReferences: [{ apiVersion, kind, name, uid: `uid-${namespace}-${name}`, controller: true }],
    },
    spec: { replicas, template: labelled },
    status: { replicas, readyReplicas: replicas },
  }
  const pod = inject({ apiVersion: 'v1', kind: 'Pod', ...(between ? labelled : made) })
  const pods = Array.from({ length: replicas }, (_, i) =>
    running(pod, { name: `${maker.name}-${i}x${namespace.slice(5)}`, namespace, node: node(i), owner: maker }),
  )
  return [owner, ...(between ? [replicaSet] : []), ...pods]
}
