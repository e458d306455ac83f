import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../../../cluster/cluster.ts'
import { objectsAt, textAt } from '../../../reading.ts'
import { amountsAt, type ContainerRequirements, type Defaults } from './requirements.ts'

/** An item of a LimitRange: `spec.limits[index]`. */
export interface LimitItem {
  readonly range: JsonObject
  readonly index: number
  readonly item: JsonObject
}

/** What the LimitRanges of a namespace say about containers. */
export interface ContainerLimits {
  readonly items: readonly LimitItem[]
  readonly defaults: Defaults
}

const limits: (cluster: Cluster) => Map<string, ContainerLimits> = remembered(() => new Map())

export function containerLimits(cluster: Cluster, namespace: string): ContainerLimits {
  const known = limits(cluster).get(namespace)
  if (known !== undefined) return known
  const items = cluster
    .inNamespace('LimitRange', namespace)
    .flatMap((range) =>
      objectsAt(range, 'spec', 'limits').flatMap((item, index) =>
        textAt(item, 'type') === 'Container' ? [{ range, index, item }] : [],
      ),
    )
  const made = { items, defaults: defaultsOf(items) }
  limits(cluster).set(namespace, made)
  return made
}

/** With what the API server fills in where a LimitRange leaves it out: `max` for `default`, that or `min` for `defaultRequest`. */
function defaultsOf(items: readonly LimitItem[]): Defaults {
  const collect = (...fields: readonly string[]): ReadonlyMap<string, bigint> =>
    new Map(items.flatMap(({ item }) => fields.flatMap((field) => [...amountsAt(item, field)])))
  return { limits: collect('max', 'default'), requests: collect('min', 'max', 'default', 'defaultRequest') }
}

export interface Violation extends LimitItem {
  readonly container: string
  readonly resource: string
  readonly rule: 'min' | 'max' | 'maxLimitRequestRatio'
  /** Of the rule. */
  readonly bound: bigint
  /** Of the container; undefined: it has none. */
  readonly value: bigint | undefined
}

const RATIO_UNIT = 1_000_000_000n

/** Why a container would be refused. */
export function violations(items: readonly LimitItem[], container: ContainerRequirements): readonly Violation[] {
  return items.flatMap((one) => [
    ...[...amountsAt(one.item, 'min')].flatMap(([resource, bound]) => {
      const value = container.requests.get(resource)
      return value === undefined || value < bound ? [violation(one, container, resource, 'min', bound, value)] : []
    }),
    ...[...amountsAt(one.item, 'max')].flatMap(([resource, bound]) => {
      const value = container.limits.get(resource)
      return value === undefined || value > bound ? [violation(one, container, resource, 'max', bound, value)] : []
    }),
    ...[...amountsAt(one.item, 'maxLimitRequestRatio')].flatMap(([resource, bound]) => {
      const [limit, request] = [container.limits.get(resource), container.requests.get(resource)]
      if (limit === undefined || request === undefined || request === 0n) return []
      const ratio = (limit * RATIO_UNIT) / request
      return ratio > bound ? [violation(one, container, resource, 'maxLimitRequestRatio', bound, ratio)] : []
    }),
  ])
}

function violation(
  one: LimitItem,
  { name }: ContainerRequirements,
  resource: string,
  rule: Violation['rule'],
  bound: bigint,
  value: bigint | undefined,
): Violation {
  return { ...one, container: name, resource, rule, bound, value }
}
