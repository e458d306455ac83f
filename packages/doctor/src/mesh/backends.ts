import { isObject, type Json, type JsonObject, selectorMatches } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import type { ObjectName } from '../finding.ts'
import { type CreationFailure, failuresAt } from '../messages/creation-failures.ts'
import { labelOf, nameOf, numberAt, objectAt, objectsAt, textAt, textsAt } from '../reading.ts'
import { isLive, type Subject, subjectsIn } from '../subjects/subjects.ts'
import { type Injector, injectors } from './injectors.ts'

/** A Service and its port that injection webhooks call. Deactivated webhooks call nobody. */
export interface Backend {
  readonly namespace: string
  readonly name: string
  readonly port: number
  /** Every entry that calls it, of several configurations perhaps. */
  readonly injectors: readonly [Injector, ...Injector[]]
  /** Undefined: it does not exist, or Services could not be read. */
  readonly service: JsonObject | undefined
  /** The entry of `spec.ports`. */
  readonly servicePort: JsonObject | undefined
}

/** What API servers call when a webhook names no port. */
const DEFAULT_WEBHOOK_PORT = 443

/** Where Pods are sent to for injection, in the order of the webhooks. */
export const backends: (cluster: Cluster) => readonly Backend[] = remembered((cluster) => {
  const groups = Map.groupBy(
    injectors(cluster).filter(({ service, deactivated }) => service !== undefined && !deactivated),
    (injector) => `${injector.service?.namespace}/${injector.service?.name}:${portOf(injector)}`,
  )
  return [...groups.values()].flatMap(([first, ...rest]) =>
    first === undefined ? [] : [backendOf(cluster, first, rest)],
  )
})

/** The port of the Service that a webhook calls. */
export function portOf({ entry }: Injector): number {
  return numberAt(entry, 'clientConfig', 'service', 'port') ?? DEFAULT_WEBHOOK_PORT
}

function backendOf(cluster: Cluster, first: Injector, rest: readonly Injector[]): Backend {
  const { namespace, name } = first.service ?? { namespace: '', name: '' }
  const port = portOf(first)
  const service = cluster.find('Service', namespace, name)
  return {
    namespace,
    name,
    port,
    injectors: [first, ...rest],
    service,
    servicePort: objectsAt(service, 'spec', 'ports').find((one) => numberAt(one, 'port') === port),
  }
}

/** `istio-system/istiod` */
export function backendTitle({ namespace, name }: Backend): string {
  return `${namespace}/${name}`
}

export function serviceName({ namespace, name }: Backend): ObjectName & { readonly apiVersion: string } {
  return { apiVersion: 'v1', kind: 'Service', namespace, name }
}

/** The revision that its webhooks belong to, for a finding; a backend of several revisions has none. */
export function revisionOf({ injectors: all }: Backend): { readonly revision?: string } {
  const names = new Set(all.map(({ revision }) => revision))
  const [revision] = names
  return names.size === 1 && revision !== undefined ? { revision } : {}
}

/** `spec.selector`, as labels; undefined without one, where somebody else writes the endpoints. */
export function serviceSelector(service: JsonObject | undefined): Readonly<Record<string, string>> | undefined {
  const selector = textsAt(service, 'spec', 'selector')
  return Object.keys(selector).length === 0 ? undefined : selector
}

/** Whether labels meet the selector of a Service. */
export function selects(selector: Readonly<Record<string, string>>, labels: Json | undefined): boolean {
  const requirements = Object.entries(selector).map(([key, value]) => ({
    key,
    operator: 'In' as const,
    values: [value],
    path: [],
  }))
  return selectorMatches({ requirements }, isObject(labels) ? labels : {})
}

const podsBehind: (cluster: Cluster) => Map<Backend, readonly JsonObject[]> = remembered(() => new Map())

/** The Pods that the Service selects, finished ones and those that are being deleted left out. */
export function backendPods(cluster: Cluster, backend: Backend): readonly JsonObject[] {
  const known = podsBehind(cluster)
  const found = known.get(backend) ?? findPods(cluster, backend)
  known.set(backend, found)
  return found
}

function findPods(cluster: Cluster, { namespace, service }: Backend): readonly JsonObject[] {
  const selector = serviceSelector(service)
  if (selector === undefined) return []
  return cluster
    .inNamespace('Pod', namespace)
    .filter((pod) => isLive(pod) && selects(selector, objectAt(pod, 'metadata', 'labels')))
}

/**
 * The workloads that are meant to be behind a backend: those whose template the Service selects; else those of its name, or
 * labelled as the injector of its revision.
 */
export function backendWorkloads(cluster: Cluster, backend: Backend): readonly Subject[] {
  const candidates = subjectsIn(cluster, backend.namespace)
  const selector = serviceSelector(backend.service)
  const selected = candidates.filter(
    ({ template }) => selector !== undefined && selects(selector, objectAt(template, 'metadata', 'labels')),
  )
  return selected.length > 0 ? selected : candidates.filter((subject) => looksLikeInjector(subject, backend))
}

const INJECTOR_APPS = new Set(['istiod', 'proa-injector', 'istio-sidecar-injector', 'sidecarInjectorWebhook', 'pilot'])

/** By its name, or by the labels of Istio's and our own injectors. */
export function looksLikeInjector({ name, object, template }: Subject, backend: Backend): boolean {
  if (object.kind === 'Pod' || object.kind === 'Job' || object.kind === 'CronJob') return false
  if (name === backend.name) return true
  const app = labelOf(template, 'app.kubernetes.io/name') ?? labelOf(template, 'app') ?? ''
  const revision = labelOf(template, 'istio.io/rev') ?? 'default'
  return INJECTOR_APPS.has(app) && backend.injectors.some((one) => one.revision === revision)
}

/** Port numbers and names of all containers of a Pod or a template. */
export function containerPorts(pod: JsonObject): readonly { readonly name: string; readonly port: number }[] {
  return ['containers', 'initContainers'].flatMap((list) =>
    objectsAt(pod, 'spec', list).flatMap((container) =>
      objectsAt(container, 'ports').flatMap((one) => {
        const port = numberAt(one, 'containerPort')
        return port === undefined ? [] : [{ name: textAt(one, 'name'), port }]
      }),
    ),
  )
}

/** The number of the port of a Pod that the Service leads to; undefined when that cannot be said. */
export function targetPortOn({ servicePort }: Backend, pod: JsonObject | undefined): number | undefined {
  const target = servicePort?.targetPort
  if (typeof target === 'number') return target
  if (typeof target !== 'string') return servicePort === undefined ? undefined : numberAt(servicePort, 'port')
  if (/^\d+$/.test(target)) return Number(target)
  return pod === undefined ? undefined : containerPorts(pod).find(({ name }) => name === target)?.port
}

/** What still goes wrong when API servers call it, newest first. */
export function backendFailures(cluster: Cluster, backend: Backend): readonly CreationFailure[] {
  return [...new Set(backend.injectors.flatMap((injector) => failuresAt(cluster, injector)))].toSorted(
    (a, b) => (b.lastSeen ?? 0) - (a.lastSeen ?? 0),
  )
}

/** Names of the entries that call it: `istio-sidecar-injector/namespace.sidecar-injector.istio.io`. */
export function callers({ injectors: all }: Backend): readonly string[] {
  return all.map(({ object, webhook }) => `${nameOf(object)}/${webhook}`)
}
