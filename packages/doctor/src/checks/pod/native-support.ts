import { isObject, type JsonObject } from '@proa/kube'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import { annotationOf, nameOf, objectAt, textAt } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { fieldInTemplate } from './app-containers.ts'
import { type Proxied, proxyPods } from './proxied.ts'

export const NATIVE_ANNOTATION = 'sidecar.istio.io/nativeSidecar'
/** Kubernetes 1.29 has the feature SidecarContainers on by default; 1.28 has it, off. */
export const FIRST_WITH_SIDECARS = 29
/** Istio's own rule for `auto`: native sidecars are stable since Kubernetes 1.33 (pkg/kube/inject, DetectNativeSidecar). */
export const FIRST_STABLE = 33

/** The minor version of `v1.29.4-eks-1`. */
function minorOf(version: string): number | undefined {
  const minor = /^v?1\.(\d{1,4})/.exec(version)?.[1]
  return minor === undefined ? undefined : Number(minor)
}

export function versionOfApiServer(cluster: Cluster): number | undefined {
  return minorOf(cluster.snapshot.kubernetesVersion ?? '')
}

/** Linux nodes whose kubelet is older than a minor version. A version that cannot be read says nothing. */
export function nodesBelow(cluster: Cluster, minor: number): readonly JsonObject[] {
  return cluster.all('Node').filter((node) => {
    const own = minorOf(textAt(node, 'status', 'nodeInfo', 'kubeletVersion'))
    return own !== undefined && own < minor && textAt(node, 'status', 'nodeInfo', 'operatingSystem') !== 'windows'
  })
}

/** Nodes that take a native sidecar for an ordinary init container. */
export const oldNodes: (cluster: Cluster) => readonly JsonObject[] = remembered((cluster) =>
  nodesBelow(cluster, FIRST_WITH_SIDECARS),
)

/** Where the Pods of a subject are, and where its node selector lets them go. Required affinity is not worked out. */
export function nodesFor(cluster: Cluster, { subject }: Pick<Proxied, 'subject'>): readonly JsonObject[] {
  const spec = objectAt(subject.template, 'spec')
  const names = new Set(proxyPods(subject).map((pod) => textAt(pod, 'spec', 'nodeName')))
  const here = cluster.all('Node').filter((node) => names.has(nameOf(node)))
  // With an affinity nobody knows here where they may go; where they are is known.
  if (isObject(objectAt(spec, 'affinity').nodeAffinity)) return here
  const wanted = Object.entries(objectAt(spec, 'nodeSelector'))
  const name = textAt(spec, 'nodeName')
  return cluster.all('Node').filter((node) => {
    if (here.includes(node)) return true
    const labels = objectAt(node, 'metadata', 'labels')
    return (name === '' || nameOf(node) === name) && wanted.every(([key, value]) => labels[key] === value)
  })
}

/** Who asks for native sidecars: the Pod, or the control plane. */
export function nativeWish(cluster: Cluster, subject: Subject): readonly Evidence[] {
  const annotation = annotationOf(subject.template, NATIVE_ANNOTATION)
  if (annotation !== undefined) {
    return [fieldInTemplate(subject, `metadata.annotations["${NATIVE_ANNOTATION}"]`, annotation)]
  }
  const { configuration, revision } = verdictOf(cluster, subject)
  if (configuration?.nativeSidecars !== true) return []
  const service = revision?.injectors.find((one) => one.service !== undefined)?.service
  const deployment = service && cluster.find('Deployment', service.namespace, service.name)
  return [
    {
      ...(deployment === undefined ? {} : { object: objectName(deployment) }),
      path: 'env["ENABLE_NATIVE_SIDECARS"]',
      value: configuration.env('ENABLE_NATIVE_SIDECARS') ?? 'true',
    },
  ]
}
