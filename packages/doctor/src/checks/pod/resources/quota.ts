import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../../../cluster/cluster.ts'
import { at, listAt, numberAt, textAt } from '../../../reading.ts'
import { amountsAt, type ContainerRequirements, isTerminating, overheadOf, podTotal } from './requirements.ts'

/** A quota and one of its resources: `requests.cpu`. */
export interface QuotaLine {
  readonly quota: JsonObject
  readonly resource: string
  readonly hard: bigint
  readonly used: bigint
}

interface Quota {
  readonly quota: JsonObject
  readonly lines: readonly QuotaLine[]
}

const quotas: (cluster: Cluster) => Map<string, readonly Quota[]> = remembered(() => new Map())

/** The lines of quotas that count the Pod. A quota whose scopes we do not know is left out. */
export function quotaLines(cluster: Cluster, namespace: string, pod: JsonObject): readonly QuotaLine[] {
  const known = quotas(cluster).get(namespace) ?? readQuotas(cluster, namespace)
  return known.flatMap(({ quota, lines }) => (counts(quota, pod) ? lines : []))
}

function readQuotas(cluster: Cluster, namespace: string): readonly Quota[] {
  const found = cluster.inNamespace('ResourceQuota', namespace).map((quota): Quota => {
    const used = amountsAt(quota, 'status', 'used')
    const hard = [...amountsAt(quota, 'spec', 'hard')]
    return {
      quota,
      lines: hard.map(([resource, amount]) => ({ quota, resource, hard: amount, used: used.get(resource) ?? 0n })),
    }
  })
  quotas(cluster).set(namespace, found)
  return found
}

function counts(quota: JsonObject, pod: JsonObject): boolean {
  if (at(quota, 'spec', 'scopeSelector') !== undefined) return false
  return listAt(quota, 'spec', 'scopes').every((scope) => {
    switch (scope) {
      case 'Terminating':
        return isTerminating(pod)
      case 'NotTerminating':
        return !isTerminating(pod)
      // A Pod with a sidecar has requests.
      case 'NotBestEffort':
        return true
      default:
        return false
    }
  })
}

/** `requests.cpu` and `cpu` are the same. Undefined for what does not count the resources of containers. */
export function containerResource(
  line: string,
): { readonly field: 'requests' | 'limits'; readonly resource: string } | undefined {
  const groups = /^(?:(?<field>requests|limits)\.)?(?<resource>cpu|memory|ephemeral-storage)$/.exec(line)?.groups
  if (groups?.resource === undefined) return undefined
  return { field: groups.field === 'limits' ? 'limits' : 'requests', resource: groups.resource }
}

/** Containers without a value that the quota demands of each: then the API server refuses every Pod. */
export function lacking(
  lines: readonly QuotaLine[],
  containers: readonly ContainerRequirements[],
): readonly (readonly [QuotaLine, readonly string[]])[] {
  return lines.flatMap((line) => {
    const wanted = containerResource(line.resource)
    // Quotas do not demand ephemeral storage of containers.
    if (wanted === undefined || wanted.resource === 'ephemeral-storage') return []
    const names = containers.filter((one) => !one[wanted.field].has(wanted.resource)).map(({ name }) => name)
    return names.length === 0 ? [] : [[line, names] as const]
  })
}

/** What one Pod adds to a line. */
export function demand(
  line: QuotaLine,
  pod: JsonObject,
  containers: readonly ContainerRequirements[],
): bigint | undefined {
  if (line.resource === 'pods') return 1_000_000_000n
  const wanted = containerResource(line.resource)
  return wanted && podTotal(containers, wanted.field, wanted.resource, overheadOf(pod, wanted.resource))
}

/** How many Pods the workload wants, where it says so. */
export function wantedPods(owner: JsonObject | undefined): number | undefined {
  const kind = textAt(owner, 'kind')
  if (kind === 'Deployment' || kind === 'StatefulSet' || kind === 'ReplicaSet')
    return numberAt(owner, 'spec', 'replicas') ?? 1
  return undefined
}
