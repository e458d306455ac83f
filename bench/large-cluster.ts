/** A cluster of 500 namespaces and 5,000 Pods as its API server lists it, for the benchmark of the doctor. */
import { readFileSync } from 'node:fs'
import { SNAPSHOT_API_VERSION, SNAPSHOT_KIND, type Snapshot } from '@proa/doctor'
import { injectPod, loadConfiguration } from '@proa/injector'
import { isObject, type JsonObject, parseYamlDocuments } from '@proa/kube'
import { injectorSources } from './injector-sources.ts'
import { CREATED, template, WORKLOADS, workloadObjects } from './large-cluster-pods.ts'

export interface Size {
  /** Each has ten Pods. */
  readonly namespaces: number
  readonly nodes: number
}

const HEALTHY = new URL('../packages/doctor/fixtures/healthy.yaml', import.meta.url)
const NOW = '2026-11-20T12:00:00Z'

const RELEASE = '1.21.6'

/** The control plane of the doctor's fixtures, with a template of real size where there is one. */
function controlPlane(): { readonly objects: readonly JsonObject[]; readonly probes: Snapshot['probes'] } {
  const documents = parseYamlDocuments(readFileSync(HEALTHY, 'utf8')).flatMap(({ value }) =>
    isObject(value) ? [value] : [],
  )
  const settings = documents.find(({ kind }) => kind === 'Fixture') as unknown as {
    readonly probes: Snapshot['probes']
  }
  const objects = documents.filter((object) => {
    const metadata = object.metadata as { readonly namespace?: string; readonly name?: string } | undefined
    return object.kind !== 'Fixture' && metadata?.namespace !== 'shop' && metadata?.name !== 'shop'
  })
  return { objects: objects.map(withRealTemplate), probes: settings.probes }
}

function withRealTemplate(object: JsonObject): JsonObject {
  const { sources } = injectorSources()
  if (sources.config === undefined || sources.values === undefined) return object
  const { name } = object.metadata as { readonly name?: string }
  if (object.kind === 'ConfigMap' && name === 'istio-sidecar-injector') {
    const values = sources.values.text.replace('"tag": "latest"', `"tag": "${RELEASE}"`)
    return { ...object, data: { config: sources.config.text, values } }
  }
  return JSON.parse(JSON.stringify(object).replaceAll('pilot:1.24.0', `pilot:${RELEASE}`)) as JsonObject
}

/** Labels of the namespaces: most opt in; the rest is every other way to be labelled, wrong ones among them. */
function namespaceLabels(index: number): Readonly<Record<string, string>> {
  const name = { 'kubernetes.io/metadata.name': `team-${index}` }
  switch (index % 20) {
    case 0:
      return { ...name, 'istio-injection': 'disabled' }
    case 1:
      return { ...name, 'istio.io/rev': 'default' }
    case 2:
      return { ...name, 'istio.io/rev': 'canary' }
    case 3:
      return { ...name, 'istio.io/dataplane-mode': 'ambient' }
    case 4:
    case 5:
      return name
    default:
      return { ...name, 'istio-injection': 'enabled', 'pod-security.kubernetes.io/warn': 'baseline' }
  }
}

/** The whole cluster. Equal for equal sizes. */
export function largeCluster({ namespaces, nodes }: Size): Snapshot {
  const { objects, probes } = controlPlane()
  const text = (name: string, key: string): string => {
    const found = objects.find(
      (one) =>
        one.kind === 'ConfigMap' &&
        (one.metadata as JsonObject).name === name &&
        (one.metadata as JsonObject).namespace === 'istio-system',
    )
    return String((found?.data as JsonObject | undefined)?.[key] ?? '')
  }
  const configuration = loadConfiguration({
    config: { text: text('istio-sidecar-injector', 'config'), source: 'config' },
    values: { text: text('istio-sidecar-injector', 'values'), source: 'values' },
    mesh: { text: text('istio', 'mesh'), source: 'mesh' },
  })
  const inject = (pod: JsonObject, namespace: string): JsonObject => {
    const result = injectPod({ mode: 'webhook', namespace, pod }, configuration)
    return result.outcome === 'injected' ? result.pod : pod
  }
  const root = objects.find(
    (one) => one.kind === 'ConfigMap' && (one.metadata as JsonObject).name === 'istio-ca-root-cert',
  )
  const machines = Array.from(
    { length: nodes },
    (_, i): JsonObject => ({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name: `node-${i}`,
        labels: { 'kubernetes.io/os': 'linux', 'kubernetes.io/arch': 'amd64', 'eks.amazonaws.com/nodegroup': 'main' },
      },
      spec: { podCIDR: `10.244.${i}.0/24` },
      status: { nodeInfo: { kubeletVersion: 'v1.34.1', operatingSystem: 'linux', architecture: 'amd64' } },
    }),
  )
  const teams = Array.from({ length: namespaces }, (_, i) => team(i, nodes, inject, root?.data as JsonObject))
  return {
    apiVersion: SNAPSHOT_API_VERSION,
    kind: SNAPSHOT_KIND,
    takenAt: NOW,
    source: { kind: 'cluster', server: 'https://10.0.0.1:6443' },
    kubernetesVersion: 'v1.34.1',
    objects: [...objects, ...machines, ...teams.flat()],
    unread: [],
    probes,
    logs: [],
  }
}

function team(
  index: number,
  nodes: number,
  inject: (pod: JsonObject, namespace: string) => JsonObject,
  root: JsonObject,
): JsonObject[] {
  const namespace = `team-${index}`
  const labels = namespaceLabels(index)
  const injected = labels['istio-injection'] === 'enabled' || labels['istio.io/rev'] === 'default'
  const workloads = WORKLOADS.flatMap((workload, which) => {
    const made = template(workload, index)
    // Some were there before the label.
    const old = index % 25 === 12 && which === 2
    const asks = (made.metadata as { readonly labels: JsonObject }).labels['sidecar.istio.io/inject'] !== undefined
    return workloadObjects(
      workload,
      namespace,
      made,
      (pod) => (injected && !old && !asks ? inject(pod, namespace) : pod),
      (i) => `node-${(index * 7 + which * 3 + i) % nodes}`,
    )
  })
  const inNamespace = (apiVersion: string, kind: string, name: string, rest: JsonObject): JsonObject => ({
    apiVersion,
    kind,
    metadata: { name, namespace, uid: `${kind}-${namespace}-${name}`, creationTimestamp: CREATED },
    ...rest,
  })
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: namespace, labels: { ...labels }, creationTimestamp: '2026-10-01T08:00:00Z' },
      status: { phase: 'Active' },
    },
    inNamespace('v1', 'ConfigMap', 'istio-ca-root-cert', { data: root }),
    ...WORKLOADS.slice(0, 5).flatMap(({ name }) => [
      inNamespace('v1', 'ServiceAccount', name, {}),
      inNamespace('v1', 'Service', name, {
        spec: {
          clusterIP: '10.96.7.7',
          selector: { app: name },
          ports: [{ name: 'http', port: 80, targetPort: 8080, protocol: 'TCP' }],
        },
      }),
      inNamespace('discovery.k8s.io/v1', 'EndpointSlice', `${name}-x`, {
        addressType: 'IPv4',
        ports: [{ name: 'http', port: 8080, protocol: 'TCP' }],
        endpoints: [{ addresses: ['10.244.17.9'], conditions: { ready: true } }],
      }),
    ]),
    ...(index % 5 === 0
      ? [
          inNamespace('networking.k8s.io/v1', 'NetworkPolicy', 'egress', {
            spec: {
              podSelector: {},
              policyTypes: ['Egress'],
              egress: [{ ports: [{ protocol: 'UDP', port: 53 }] }, { to: [{ namespaceSelector: {} }] }],
            },
          }),
          inNamespace('v1', 'ResourceQuota', 'compute', {
            spec: { hard: { 'requests.cpu': '20', pods: '50' } },
            status: { hard: { 'requests.cpu': '20', pods: '50' }, used: { 'requests.cpu': '2', pods: '10' } },
          }),
          inNamespace('v1', 'LimitRange', 'limits', {
            spec: { limits: [{ type: 'Container', default: { memory: '512Mi' }, defaultRequest: { cpu: '50m' } }] },
          }),
        ]
      : []),
    inNamespace('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
      spec: {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 5,
        metrics: [
          { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
        ],
      },
    }),
    inNamespace('policy/v1', 'PodDisruptionBudget', 'web', {
      spec: { minAvailable: 1, selector: { matchLabels: { app: 'web' } } },
    }),
    ...Array.from({ length: 8 }, (_, i) =>
      inNamespace('v1', 'Event', `web-7c9d8b6f5-${i}.17a`, {
        involvedObject: {
          kind: 'Pod',
          namespace,
          name: `web-7c9d8b6f5-${i}x${index}`,
          fieldPath: 'spec.containers{web}',
        },
        reason: 'Unhealthy',
        type: 'Warning',
        message: 'Readiness probe failed: HTTP probe failed with statuscode: 500',
        count: 3,
        lastTimestamp: NOW,
      }),
    ),
    ...workloads,
  ]
}
