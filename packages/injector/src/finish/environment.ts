import { isObject, type JsonObject } from '@proa/kube'
import { listOf } from '../data/fields.ts'
import { ENV, LABEL } from '../names.ts'
import { withEntries } from '../pod/edit.ts'
import { envEntry, type FinishInput, mapProxy } from './input.ts'

/**
 * Sets the cluster, the network and whatever else the webhook's path names in the proxy: entries of these names go, and
 * all of them come at the end, sorted.
 */
export function setEnvironment(
  pod: JsonObject,
  { environment, minor }: Pick<FinishInput, 'environment' | 'minor'>,
): JsonObject {
  if (environment.size === 0) return pod
  const names = [...environment.keys()].sort()
  return mapProxy(pod, minor, (proxy) => ({
    ...proxy,
    env: [
      ...listOf(proxy, 'env').filter((entry) => !isObject(entry) || !environment.has(String(entry.name))),
      ...names.map((name) => envEntry(name, environment.get(name) ?? '')),
    ],
  }))
}

/** The label that tells the control plane the Pod's network. */
export function labelNetwork(pod: JsonObject, { environment }: FinishInput): JsonObject {
  const network = environment.get(ENV.network)
  return network === undefined ? pod : withEntries(pod, 'labels', { [LABEL.network]: network })
}
