import { canonicalQuantity, getOwn, isArray, isObject, type JsonObject, QuantityError } from '@proa/kube'
import { part } from '../api/metadata.ts'

const COUNTED = ['cpu', 'memory'] as const

/** The quality of service class of a Pod: Guaranteed, Burstable or BestEffort. */
export function qosClass(spec: JsonObject): string {
  const lists = [getOwn(spec, 'containers'), getOwn(spec, 'initContainers')]
  const containers = lists.flatMap((list) => (isArray(list) ? list.filter((one) => isObject(one)) : []))
  const resources = containers.map((container) => part(container, 'resources'))
  const any = resources.some((one) =>
    COUNTED.some((name) => amount(one, 'requests', name) !== '0' || amount(one, 'limits', name) !== '0'),
  )
  if (!any) return 'BestEffort'
  const guaranteed = resources.every((one) =>
    COUNTED.every((name) => {
      const limit = amount(one, 'limits', name)
      const request = amount(one, 'requests', name)
      return limit !== '0' && (request === '0' || request === limit)
    }),
  )
  return guaranteed ? 'Guaranteed' : 'Burstable'
}

function amount(resources: JsonObject, list: 'requests' | 'limits', name: string): string {
  const value = getOwn(part(resources, list), name)
  if (typeof value !== 'string' && typeof value !== 'number') return '0'
  try {
    return canonicalQuantity(String(value))
  } catch (error) {
    if (error instanceof QuantityError) return '0'
    throw error
  }
}
