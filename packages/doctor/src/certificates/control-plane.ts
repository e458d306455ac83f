import type { Cluster } from '../cluster/cluster.ts'
import { kubectl, shellWord } from '../fixes/kubectl.ts'
import { allSteps, type Step } from '../fixes/patch-object.ts'
import { restartFix } from '../fixes/restart.ts'
import { selects, serviceSelector } from '../mesh/backends.ts'
import type { Injector } from '../mesh/injectors.ts'
import { at, labelOf } from '../reading.ts'
import { type Subject, subjectsIn } from '../subjects/subjects.ts'

/** Whose injector it is: proa's has an authority of its own, Istio's serves with the root that it copies into the namespaces. */
export function makerOf({ object, service }: Injector): 'proa' | 'istio' {
  const named = labelOf(object, 'app.kubernetes.io/name') === 'proa-injector'
  return named || service?.name.startsWith('proa-injector') === true ? 'proa' : 'istio'
}

/** `istiod`, as a user would call what answers for the webhook. */
export function serverTitle({ service, url }: Injector): string {
  return service === undefined ? (url ?? '') : `${service.namespace}/${service.name}`
}

/** The workloads that the service of a webhook selects, with or without Pods. */
export function workloadsBehind(cluster: Cluster, { service }: Pick<Injector, 'service'>): readonly Subject[] {
  if (service === undefined) return []
  const selector = serviceSelector(cluster.find('Service', service.namespace, service.name))
  if (selector === undefined) return []
  return subjectsIn(cluster, service.namespace).filter(({ template }) =>
    selects(selector, at(template, 'metadata', 'labels')),
  )
}

/** How what answers for a webhook is started anew. Nothing for a URL: it is somewhere else. */
export function restartInjector(cluster: Cluster, injector: Injector): Step {
  const { service } = injector
  if (service === undefined) return { commands: [], changes: [] }
  const workloads = workloadsBehind(cluster, injector)
  if (workloads.length > 0) {
    return allSteps(...workloads.map((subject) => restartFix(cluster, subject)))
  }
  const command = `${kubectl(service)} rollout restart deployment/${shellWord(service.name)}`
  return { commands: [command], changes: [] }
}
