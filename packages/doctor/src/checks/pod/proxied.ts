import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import { at, nameOf, objectsAt, textAt } from '../../reading.ts'
import { effectivePod } from '../../subjects/rendered.ts'
import { type Sidecar, sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject, subjects } from '../../subjects/subjects.ts'

/** A subject whose Pods have a proxy, or will have one. */
export interface Proxied {
  readonly subject: Subject
  readonly pod: JsonObject
  /** `live`: a Pod that there is; `rendered`: what the injector would make of the template. */
  readonly from: 'live' | 'rendered'
  readonly sidecar: Sidecar
  readonly proxy: JsonObject
}

export const proxied: (cluster: Cluster) => readonly Proxied[] = remembered((cluster) =>
  subjects(cluster).flatMap((subject) => {
    const effective = effectivePod(cluster, subject)
    if (effective === undefined) return []
    const sidecar = sidecarOf(effective.pod)
    return sidecar.container === undefined || isEmpty(sidecar.container)
      ? []
      : [{ subject, ...effective, sidecar, proxy: sidecar.container }]
  }),
)

/** A container that waits for the injection in vain is no proxy yet; INJ129 tells. */
const isEmpty = (container: JsonObject): boolean => textAt(container, 'image') === 'auto'

/** Live Pods with a proxy container, newest first. */
export function proxyPods(subject: Subject): readonly JsonObject[] {
  return livePods(subject).filter((pod) => {
    const { container } = sidecarOf(pod)
    return container !== undefined && !isEmpty(container)
  })
}

/** What an evidence's path is relative to: the live Pod, or the Pod that the template becomes. */
export function inPod({ subject, pod, from }: Proxied, path: string, value: Evidence['value']): Evidence {
  const live = from === 'live' && nameOf(pod) !== '' && subject.object.kind !== 'Pod'
  return {
    ...(live ? { object: { apiVersion: 'v1', kind: 'Pod', namespace: subject.namespace, name: nameOf(pod) } } : {}),
    path,
    ...(value === undefined ? {} : { value }),
    ...(from === 'rendered' ? { label: { en: 'after injection', zh: '注入之后' } } : {}),
  }
}

/** The literal value of an environment variable. */
export function envOf(container: JsonObject, name: string): string | undefined {
  const found = objectsAt(container, 'env').findLast((one) => one.name === name)
  const value = at(found, 'value')
  return typeof value === 'string' ? value : undefined
}

/** Where a container stands: `spec.initContainers[name=istio-proxy]`. */
export function containerPath(pod: JsonObject, name: string): string {
  const isInit = !objectsAt(pod, 'spec', 'containers').some((one) => one.name === name)
  return `spec.${isInit ? 'initContainers' : 'containers'}[name=${name}]`
}

/** Names of what an injector added: from the status annotation, and its well-known containers. */
export function injectedNames({ status }: Sidecar, field: 'containers' | 'initContainers' | 'volumes'): Set<string> {
  const names = at(status, field)
  const written = Array.isArray(names) ? names.filter((name) => typeof name === 'string') : []
  return new Set(field === 'volumes' ? written : [...written, ...CONTAINERS])
}

const CONTAINERS = ['istio-proxy', 'istio-init', 'istio-validation', 'enable-core-dump']

/** The state of a container in the status of its Pod. */
export function statusOf(pod: JsonObject, container: string): JsonObject | undefined {
  return ['containerStatuses', 'initContainerStatuses', 'ephemeralContainerStatuses']
    .flatMap((list) => objectsAt(pod, 'status', list))
    .find((one) => textAt(one, 'name') === container)
}
