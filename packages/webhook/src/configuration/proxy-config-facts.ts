import { getOwn, isObject, type JsonObject } from '@proa/kube'

/** ProxyConfig resources without what changes without a meaning (managedFields, resourceVersion, status), in a fixed order. */
export function proxyConfigFacts(resources: readonly JsonObject[]): readonly JsonObject[] {
  return resources.map(withoutBookkeeping).sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1))
}

const KEPT = ['name', 'namespace', 'creationTimestamp', 'labels', 'annotations']

function withoutBookkeeping({ apiVersion, kind, metadata, spec }: JsonObject): JsonObject {
  const fields = isObject(metadata) ? metadata : {}
  return {
    apiVersion: apiVersion ?? '',
    kind: kind ?? '',
    metadata: Object.fromEntries(
      KEPT.flatMap((key) => {
        const value = getOwn(fields, key)
        return value === undefined ? [] : [[key, value]]
      }),
    ),
    spec: spec ?? {},
  }
}

/** Istio goes by age, then by name. */
function orderOf({ metadata }: JsonObject): string {
  const fields = isObject(metadata) ? metadata : {}
  return ['creationTimestamp', 'namespace', 'name'].map((key) => String(getOwn(fields, key) ?? '')).join(' ')
}
