import type { Json, JsonObject } from '@proa/kube'
import { at, isTrueAt, objectAt, objectsAt, textAt } from '../../../reading.ts'
import { amount } from './amounts.ts'

/** A container as the scheduler and quotas see it. */
export interface ContainerRequirements {
  readonly name: string
  readonly kind: 'container' | 'sidecar' | 'init'
  /** By resource; a missing request is the limit. */
  readonly requests: ReadonlyMap<string, bigint>
  readonly limits: ReadonlyMap<string, bigint>
}

/** What a LimitRange fills in for containers that leave it out. */
export interface Defaults {
  readonly requests: ReadonlyMap<string, bigint>
  readonly limits: ReadonlyMap<string, bigint>
}

const NO_DEFAULTS: Defaults = { requests: new Map(), limits: new Map() }

export function amountsAt(value: Json | undefined, ...path: readonly string[]): ReadonlyMap<string, bigint> {
  const found = new Map<string, bigint>()
  for (const [resource, text] of Object.entries(objectAt(value, ...path))) {
    const parsed = amount(text)
    if (parsed !== undefined) found.set(resource, parsed)
  }
  return found
}

export function requirementsOf(pod: JsonObject, defaults: Defaults = NO_DEFAULTS): readonly ContainerRequirements[] {
  const read = (list: 'containers' | 'initContainers'): readonly ContainerRequirements[] =>
    objectsAt(pod, 'spec', list).map((container) => {
      const limits = new Map([...defaults.limits, ...amountsAt(container, 'resources', 'limits')])
      const own = amountsAt(container, 'resources', 'requests')
      // The API server takes a limit that was written for the request; only then a LimitRange has its say.
      const written = amountsAt(container, 'resources', 'limits')
      const requests = new Map([...limits, ...defaults.requests, ...written, ...own])
      const kind =
        list === 'containers' ? 'container' : textAt(container, 'restartPolicy') === 'Always' ? 'sidecar' : 'init'
      return { name: textAt(container, 'name'), kind, requests, limits }
    })
  return [...read('initContainers'), ...read('containers')]
}

/** What the whole Pod counts for: all that run together, or the largest moment of its start. */
export function podTotal(
  containers: readonly ContainerRequirements[],
  field: 'requests' | 'limits',
  resource: string,
  overhead: bigint,
): bigint {
  let [running, peak] = [0n, 0n]
  for (const one of containers) {
    const value = one[field].get(resource) ?? 0n
    if (one.kind === 'init') peak = max(peak, running + value)
    else running += value
  }
  return max(running, peak) + overhead
}

const max = (a: bigint, b: bigint): bigint => (a > b ? a : b)

export function overheadOf(pod: JsonObject, resource: string): bigint {
  return amount(at(pod, 'spec', 'overhead', resource)) ?? 0n
}

/** Whether the Pod ends by itself after a time, which decides about the scopes of a quota. */
export function isTerminating(pod: JsonObject): boolean {
  return typeof at(pod, 'spec', 'activeDeadlineSeconds') === 'number' && !isTrueAt(pod, 'spec', 'hostNetwork')
}
