import { isObject, type Json } from '@proa/kube'

/**
 * Adds Istio's network to the annotation `k8s.v1.cni.cncf.io/networks`, which is a comma list or a JSON list.
 * A JSON list that cannot be read is returned as it is.
 *
 * Until 1.8 the network is added without looking; from 1.9 on it is left out when it is there already;
 * later releases split `namespace/name` for the JSON form.
 */
export function appendMultusNetwork(existing: string, network: string, minor: number): string {
  if (existing === '') return network
  const end = existing.lastIndexOf(']')
  if (end === -1) {
    const present = minor > 8 && existing.split(',').some((item) => item.trim() === network)
    return present ? existing : `${existing}, ${network}`
  }
  const { name, namespace } =
    minor >= SPLITS_NAMESPACE_SINCE ? splitQualified(network) : { name: network, namespace: '' }
  if (minor > 8) {
    const networks = listOfObjects(existing)
    if (networks === undefined) return existing
    if (networks.some((item) => sameNetwork(item, name, namespace, minor))) return existing
  }
  const fields = namespace === '' ? `"name": "${name}"` : `"name": "${name}", "namespace": "${namespace}"`
  return `${existing.slice(0, end)}, {${fields}}${existing.slice(end)}`
}

/** Istio 1.23 began to split the namespace off. */
const SPLITS_NAMESPACE_SINCE = 23

function sameNetwork(item: Json, name: string, namespace: string, minor: number): boolean {
  if (!isObject(item) || item.name !== name) return false
  return minor < SPLITS_NAMESPACE_SINCE || (item.namespace ?? '') === namespace
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
