import { isObject, type JsonObject, selectorMatches } from '@proa/kube'
import type { Cluster } from '../cluster/cluster.ts'
import { listAt, objectAt, objectsAt, textAt } from '../reading.ts'
import type { Injector } from './injectors.ts'

/**
 * The environment variables of the injector that its Deployment (or a Pod, where that is all there is) sets to a value. Templates
 * and Istio's own switches read them: `ENABLE_NATIVE_SIDECARS`.
 */
export function controlPlaneEnv(cluster: Cluster, injectors: readonly Injector[]): ReadonlyMap<string, string> {
  const found = injectors.flatMap(({ service }) => {
    if (service === undefined) return []
    const selector = objectAt(cluster.find('Service', service.namespace, service.name), 'spec', 'selector')
    if (Object.keys(selector).length === 0) return []
    const templates = cluster
      .inNamespace('Deployment', service.namespace)
      .map((deployment) => objectAt(deployment, 'spec', 'template'))
    return [...templates, ...cluster.inNamespace('Pod', service.namespace)].filter((pod) => isSelected(pod, selector))
  })
  return envOf(found[0])
}

function isSelected(pod: JsonObject, selector: JsonObject): boolean {
  const requirements = Object.entries(selector).map(([key, value]) => ({
    key,
    operator: 'In' as const,
    values: typeof value === 'string' ? [value] : [],
    path: [],
  }))
  const labels = objectAt(pod, 'metadata', 'labels')
  return selectorMatches({ requirements }, isObject(labels) ? labels : {})
}

function envOf(pod: JsonObject | undefined): ReadonlyMap<string, string> {
  const containers = objectsAt(pod, 'spec', 'containers')
    // A sidecar of the control plane itself says nothing about the injector.
    .filter((container) => textAt(container, 'name') !== 'istio-proxy')
  const entries = containers
    .flatMap((container) => objectsAt(container, 'env'))
    .flatMap((entry) => (typeof entry.value === 'string' ? [[textAt(entry, 'name'), entry.value] as const] : []))
  const option = containers.map(nativeSidecarsOption).find((value) => value !== undefined)
  return new Map([...entries, ...(option === undefined ? [] : [['ENABLE_NATIVE_SIDECARS', option] as const])])
}

/** proa's injector takes the switch as an option too, which counts more. */
function nativeSidecarsOption(container: JsonObject): string | undefined {
  const words = [...listAt(container, 'command'), ...listAt(container, 'args')].filter(
    (word) => typeof word === 'string',
  )
  const index = words.findLastIndex((word) => /^--native-sidecars(?:=|$)/.test(word))
  if (index === -1) return undefined
  return words[index]?.split('=')[1] ?? words[index + 1]
}
