import { isObject, type Json, parseQuantity, type Quantity, QuantityError } from '@proa/kube'
import type { Message } from '../mesh/index.ts'

const CPU_LIMIT = 'sidecar.istio.io/proxyCPULimit'
const CPU = 'sidecar.istio.io/proxyCPU'
const DEFAULT_THREADS = 2n

/**
 * `.EstimatedConcurrency` of the releases 1.11 to 1.17: the concurrency of the ProxyConfig where it is set; 0 there means
 * the CPU of the proxy, rounded up, from the first of: annotated limit, annotated request, limit and request of the values.
 */
export function estimatedConcurrency(
  proxyConfig: Message,
  annotations: Readonly<Record<string, string>>,
  resources: Json | undefined,
): bigint {
  const configured = proxyConfig.concurrency
  if (typeof configured !== 'number') return DEFAULT_THREADS
  if (configured > 0) return BigInt(configured)
  for (const key of [CPU_LIMIT, CPU]) {
    if (Object.hasOwn(annotations, key)) return wholeCpus(annotations[key]) ?? DEFAULT_THREADS
  }
  return wholeCpus(cpuOf(resources, 'limits')) ?? wholeCpus(cpuOf(resources, 'requests')) ?? DEFAULT_THREADS
}

function cpuOf(resources: Json | undefined, list: 'limits' | 'requests'): Json | undefined {
  const amounts = isObject(resources) ? resources[list] : undefined
  return isObject(amounts) ? amounts.cpu : undefined
}

/** A quantity of CPUs, rounded up; undefined where there is none or it is not a quantity. */
export function wholeCpus(amount: Json | undefined): bigint | undefined {
  if (amount === undefined) return undefined
  try {
    return roundedUp(parseQuantity(String(amount)))
  } catch (error) {
    if (error instanceof QuantityError) return undefined
    throw error
  }
}

/** Kubernetes' largest suffix is E, 18 digits; more is no number of threads. */
const MOST_DIGITS = 18

function roundedUp({ unscaled, scale }: Quantity): bigint | undefined {
  if (scale >= 0) return scale > MOST_DIGITS ? undefined : unscaled * 10n ** BigInt(scale)
  const divisor = 10n ** BigInt(-scale)
  return unscaled > 0n ? (unscaled + divisor - 1n) / divisor : unscaled / divisor
}
