import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import type { ResourceDefinition } from '../resources/definition.ts'
import { metadataOf, part } from './metadata.ts'

export function isScalable(type: ResourceDefinition): boolean {
  return type.subresources.includes('scale')
}

/** The autoscaling/v1 view of a workload. */
export function scaleOf(type: ResourceDefinition, object: JsonObject): JsonObject {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = metadataOf(object)
  const replicas = getOwn(part(object, 'spec'), 'replicas')
  const now = getOwn(part(object, 'status'), 'replicas')
  const selector = selectorText(type, part(object, 'spec'))
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name: name ?? '',
      namespace: namespace ?? '',
      uid: uid ?? '',
      resourceVersion: resourceVersion ?? '',
      creationTimestamp: creationTimestamp ?? null,
    },
    spec: typeof replicas === 'number' && replicas !== 0 ? { replicas } : {},
    status: { replicas: typeof now === 'number' ? now : 0, ...(selector === '' ? {} : { selector }) },
  }
}

export function withReplicas(_type: ResourceDefinition, object: JsonObject, replicas: number): JsonObject {
  return { ...object, spec: { ...part(object, 'spec'), replicas } }
}

/** A label selector in the notation of queries. A ReplicationController has plain labels. */
function selectorText(type: ResourceDefinition, spec: JsonObject): string {
  const selector = part(spec, 'selector')
  const plain = type.bucket === 'replicationcontrollers' ? selector : part(selector, 'matchLabels')
  const equal = Object.entries(plain).map(([key, value]) => `${key}=${String(value)}`)
  const expressions = getOwn(selector, 'matchExpressions')
  const others = (isArray(expressions) ? expressions : []).flatMap((one) => (isObject(one) ? [expression(one)] : []))
  return [...equal, ...others].sort().join(',')
}

function expression({ key, operator, values }: JsonObject): string {
  const list = isArray(values) ? values.map(String).sort().join(',') : ''
  if (operator === 'In') return `${String(key)} in (${list})`
  if (operator === 'NotIn') return `${String(key)} notin (${list})`
  return operator === 'DoesNotExist' ? `!${String(key)}` : String(key)
}
