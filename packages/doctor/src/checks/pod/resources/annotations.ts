import type { JsonObject } from '@proa/kube'
import { textAt } from '../../../reading.ts'

export interface ResourceField {
  readonly annotation: string
  readonly kind: 'requests' | 'limits'
  readonly resource: 'cpu' | 'memory'
  /** What Istio's chart gives a sidecar. */
  readonly usual: string
}

/** The annotations that set the resources of a sidecar. */
export const RESOURCE_FIELDS: readonly ResourceField[] = [
  { annotation: 'sidecar.istio.io/proxyCPU', kind: 'requests', resource: 'cpu', usual: '100m' },
  { annotation: 'sidecar.istio.io/proxyMemory', kind: 'requests', resource: 'memory', usual: '128Mi' },
  { annotation: 'sidecar.istio.io/proxyCPULimit', kind: 'limits', resource: 'cpu', usual: '2' },
  { annotation: 'sidecar.istio.io/proxyMemoryLimit', kind: 'limits', resource: 'memory', usual: '1Gi' },
]

/**
 * Annotations that give the proxy what it has now, with changes. All of them together, because in Istio's own template a single one
 * takes all the other defaults away.
 */
export function resourceAnnotations(
  proxy: JsonObject | undefined,
  changed: (field: ResourceField) => string | undefined,
): Readonly<Record<string, string>> {
  const found = RESOURCE_FIELDS.flatMap((field) => {
    const value = changed(field) ?? textAt(proxy, 'resources', field.kind, field.resource)
    return value === '' ? [] : [[field.annotation, value] as const]
  })
  return Object.fromEntries(found)
}
