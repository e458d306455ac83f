import { type Cluster, type Injector, injectors } from '@proa/doctor'
import { type JsonObject, labelsOf, podCreation, selectWebhooks } from '@proa/kube'
import { controlPlaneNamespaces } from '../take/control-plane.ts'
import { nameOf } from '../take/shapes.ts'

/** A Pod that is sent to the API server as a dry run. */
export interface PodToTry {
  readonly namespace: string
  readonly pod: JsonObject
  readonly workload?: { readonly apiVersion: string; readonly kind: string; readonly name: string }
}

/** Says in audit logs and webhooks' logs what the Pod is. */
export const PROBE_ANNOTATION = {
  'doctor.proa.dev/probe': 'a dry run of proa doctor; this Pod is never created',
} as const

const INJECT = 'sidecar.istio.io/inject'
const REVISION = 'istio.io/rev'
/** Injectors ignore them, and so nothing would be learned there. */
const IGNORED: ReadonlySet<string> = new Set(['kube-system', 'kube-public', 'kube-node-lease', 'local-path-storage'])
/** Each asks the API server to call webhooks. */
const MOST_SAMPLES = 20
/** Namespaces that are looked at for one that a webhook is for. */
const MOST_NAMESPACES = 500

/** One Pod for each injection webhook, in a namespace and with labels for which it is called. */
export function samplePods(cluster: Cluster): readonly PodToTry[] {
  const samples = new Map<string, PodToTry>()
  for (const injector of injectors(cluster)) {
    const sample = injector.deactivated ? undefined : sampleFor(cluster, injector)
    if (sample !== undefined && samples.size < MOST_SAMPLES) samples.set(JSON.stringify(sample), sample)
  }
  return [...samples.values()]
}

function sampleFor(cluster: Cluster, injector: Injector): PodToTry | undefined {
  const revision = injector.tag ?? injector.revision
  const variants = [{ [INJECT]: 'true' }, { [INJECT]: 'true', [REVISION]: revision }]
  for (const namespace of candidates(cluster)) {
    const name = nameOf(namespace)
    for (const labels of variants) {
      const pod = samplePod(name, labels)
      const request = podCreation(name, pod, labelsOf(namespace))
      const verdict = selectWebhooks([injector.object], request)[injector.index]
      if (verdict?.called === true) return { namespace: name, pod }
    }
  }
  return undefined
}

/** `default` first: it is there, and its rules are the plainest. Control planes last: nobody wants sidecars there. */
function candidates(cluster: Cluster): readonly JsonObject[] {
  const last = new Set(controlPlaneNamespaces(cluster))
  const rank = (name: string): number => (name === 'default' ? 0 : last.has(name) ? 2 : 1)
  return cluster
    .all('Namespace')
    .filter((namespace) => !IGNORED.has(nameOf(namespace)))
    .toSorted((a, b) => rank(nameOf(a)) - rank(nameOf(b)))
    .slice(0, MOST_NAMESPACES)
}

/** As plain as can be: what refuses it refuses the sidecar, or every Pod. */
export function samplePod(
  namespace: string,
  labels: Readonly<Record<string, string>>,
  annotations: Readonly<Record<string, string>> = {},
): JsonObject {
  const resources = { cpu: '10m', memory: '16Mi' }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: 'proa-doctor-probe-',
      namespace,
      labels: { ...labels },
      annotations: { ...annotations, ...PROBE_ANNOTATION },
    },
    spec: {
      containers: [
        {
          name: 'pause',
          image: 'registry.k8s.io/pause:3.10',
          resources: { requests: resources, limits: resources },
          securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ['ALL'] } },
        },
      ],
      securityContext: { runAsNonRoot: true, runAsUser: 65535, seccompProfile: { type: 'RuntimeDefault' } },
    },
  }
}
