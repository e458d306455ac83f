import { isObject, type Json } from '@proa/kube'
import { behaves } from '../behaviour.ts'

/**
 * Adds Istio's network to the annotation `k8s.v1.cni.cncf.io/networks`, which is a comma list or a JSON list.
 * A JSON list that cannot be read is returned as it is.
 */
export function appendMultusNetwork(existing: string, network: string, minor: number): string {
  if (existing === '') return network
  const end = existing.lastIndexOf(']')
  if (end === -1) {
    const present =
      behaves(minor, 'looksForMultusNetwork') && existing.split(',').some((item) => item.trim() === network)
    return present ? existing : `${existing}, ${network}`
  }
  const { name, namespace } = behaves(minor, 'splitsMultusNetwork')
    ? splitQualified(network)
    : { name: network, namespace: '' }
  if (behaves(minor, 'looksForMultusNetwork')) {
    const networks = listOfObjects(existing)
    if (networks === undefined) return existing
    if (networks.some((item) => sameNetwork(item, name, namespace, minor))) return existing
  }
  const fields = namespace === '' ? `"name": "${name}"` : `"name": "${name}", "namespace": "${namespace}"`
  return `${existing.slice(0, end)}, {${fields}}${existing.slice(end)}`
}

function sameNetwork(item: Json, name: string, namespace: string, minor: number): boolean {
  if (!isObject(item) || item.name !== name) return false
  return !behaves(minor, 'splitsMultusNetwork') || (item.namespace ?? '') === namespace
}

/** `ns/name` in two parts; anything without a slash is a name. Further parts are dropped, as Istio does. */
function splitQualified(text: string): { namespace: string; name: string } {
  const [first = '', second] = text.split('/')
  return second === undefined ? { namespace: '', name: text } : { namespace: first, name: second }
}

function listOfObjects(text: string): readonly Json[] | undefined {
  try {
    const parsed: Json = JSON.parse(text)
    return Array.isArray(parsed) && parsed.every((item) => item === null || isObject(item)) ? parsed : undefined
  } catch {
    return undefined
  }
}
