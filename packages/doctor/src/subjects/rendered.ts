import { type InjectionResult, injectPod } from '@proa/injector'
import { isObject, type JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { sidecarOf } from './sidecar.ts'
import { livePods, type Subject } from './subjects.ts'
import { verdictOf } from './verdict.ts'

const results: (cluster: Cluster) => Map<Subject, InjectionResult | undefined> = remembered(() => new Map())

/**
 * The injection that would happen to a Pod of the subject now; undefined when no injector (or an unknown one) is called.
 * Costs about a millisecond: ask only where the rendered Pod matters.
 */
export function renderedOf(cluster: Cluster, subject: Subject): InjectionResult | undefined {
  const known = results(cluster)
  if (known.has(subject)) return known.get(subject)
  const result = render(cluster, subject)
  known.set(subject, result)
  return result
}

function render(cluster: Cluster, subject: Subject): InjectionResult | undefined {
  const { configuration, injector } = verdictOf(cluster, subject)
  if (configuration === undefined) return undefined
  const namespaceObject = cluster.find('Namespace', '', subject.namespace)
  const path = injector?.service?.path
  const owner = subject.owner === undefined || subject.templatePath.length === 0 ? undefined : ownerOf(subject)
  return injectPod(
    {
      mode: 'webhook',
      namespace: subject.namespace,
      pod: subject.template,
      ...(owner === undefined ? {} : { owner }),
      ...(path === undefined ? {} : { path }),
      ...(namespaceObject === undefined ? {} : { namespaceObject }),
    },
    configuration,
  )
}

function ownerOf({ object, namespace, owner }: Subject): {
  apiVersion: string
  kind: string
  name: string
  namespace: string
} {
  const apiVersion = typeof owner?.apiVersion === 'string' ? owner.apiVersion : (object.apiVersion ?? '')
  return { apiVersion, kind: object.kind, name: object.name, namespace }
}

/** A Pod of the subject with its sidecar: a live one, or what injection would make of the template. */
export interface EffectivePod {
  readonly pod: JsonObject
  readonly from: 'live' | 'rendered'
}

/** Undefined when the subject is not injected and would not be. */
export function effectivePod(cluster: Cluster, subject: Subject): EffectivePod | undefined {
  const live = livePods(subject).find((pod) => sidecarOf(pod).container !== undefined)
  if (live !== undefined) return { pod: live, from: 'live' }
  if (verdictOf(cluster, subject).expected !== 'injected') return undefined
  const result = renderedOf(cluster, subject)
  return result?.outcome === 'injected' && isObject(result.pod) ? { pod: result.pod, from: 'rendered' } : undefined
}
