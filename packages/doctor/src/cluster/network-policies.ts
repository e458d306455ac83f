import {
  isObject,
  type Json,
  type JsonObject,
  type LabelMap,
  parseLabelSelector,
  SelectorError,
  selectorMatches,
} from '@proa/kube'
import { at, listAt, numberAt, objectsAt, textAt } from '../reading.ts'
import { cidrContains } from './cidr.ts'
import type { Cluster } from './cluster.ts'
import { namespaceLabels } from './namespaces.ts'

/** One end of a connection. Without `addresses` they are not known, and rules about addresses are taken to allow it. */
export interface Endpoint {
  readonly namespace: string
  readonly labels: LabelMap
  readonly addresses: readonly string[]
}

export type Direction = 'Ingress' | 'Egress'

/** The policies that restrict a direction of the Pods with these labels. None: everything is allowed. */
export function policiesOn(
  cluster: Cluster,
  direction: Direction,
  { namespace, labels }: Pick<Endpoint, 'namespace' | 'labels'>,
): readonly JsonObject[] {
  return cluster
    .inNamespace('NetworkPolicy', namespace)
    .filter((policy) => restricts(policy, direction) && selects(at(policy, 'spec', 'podSelector'), labels) === true)
}

/** Without `policyTypes`: ingress always, egress when there are rules about it. */
function restricts(policy: JsonObject, direction: Direction): boolean {
  const types = listAt(policy, 'spec', 'policyTypes')
  if (types.length > 0) return types.includes(direction)
  return direction === 'Ingress' || at(policy, 'spec', 'egress') !== undefined
}

export interface Connection {
  readonly from: Endpoint
  readonly to: Endpoint
  /** Of the Pod, not of the Service. TCP. */
  readonly port: number
}

/** Whether the policies let a connection through, as far as is known: what is not known counts as allowed. */
export function allows(
  cluster: Cluster,
  direction: Direction,
  policies: readonly JsonObject[],
  { from, to, port }: Connection,
): boolean {
  const [own, other, field] = direction === 'Egress' ? ([from, to, 'to'] as const) : ([to, from, 'from'] as const)
  return rulesOf(policies, direction).some(
    (rule) => opensPort(rule, [port], ['TCP']) && opensPeer(cluster, listAt(rule, field), own.namespace, other),
  )
}

/** Whether a rule lets one of the ports out to anything at all, by TCP or UDP. */
export function allowsPortAnywhere(policies: readonly JsonObject[], ports: readonly number[]): boolean {
  return rulesOf(policies, 'Egress').some((rule) => opensPort(rule, ports, ['TCP', 'UDP']))
}

function rulesOf(policies: readonly JsonObject[], direction: Direction): readonly JsonObject[] {
  return policies.flatMap((policy) => objectsAt(policy, 'spec', direction === 'Egress' ? 'egress' : 'ingress'))
}

function opensPort(rule: JsonObject, wanted: readonly number[], protocols: readonly string[]): boolean {
  const ports = objectsAt(rule, 'ports')
  if (ports.length === 0) return true
  return ports.some((one) => {
    if (!protocols.includes(textAt(one, 'protocol') || 'TCP')) return false
    const first = at(one, 'port')
    // A named port, or any.
    if (typeof first !== 'number') return true
    const last = numberAt(one, 'endPort') ?? first
    return wanted.some((port) => port >= first && port <= last)
  })
}

function opensPeer(cluster: Cluster, peers: readonly Json[], ownNamespace: string, other: Endpoint): boolean {
  if (peers.length === 0) return true
  return peers.filter(isObject).some((peer) => {
    if (at(peer, 'ipBlock') !== undefined) return opensAddress(peer, other)
    const namespaces = at(peer, 'namespaceSelector')
    const inPlace =
      namespaces === undefined
        ? other.namespace === ownNamespace
        : selects(namespaces, namespaceLabels(cluster).get(other.namespace)) !== false
    return inPlace && selects(at(peer, 'podSelector'), other.labels) !== false
  })
}

function opensAddress(peer: JsonObject, { addresses }: Endpoint): boolean {
  if (addresses.length === 0) return true
  const cidr = textAt(peer, 'ipBlock', 'cidr')
  const except = listAt(peer, 'ipBlock', 'except').filter((one) => typeof one === 'string')
  return addresses.some(
    (address) => cidrContains(cidr, address) !== false && !except.some((one) => cidrContains(one, address) === true),
  )
}

/** Undefined: not known (labels or selector cannot be read). */
function selects(selector: Json | undefined, labels: LabelMap | undefined): boolean | undefined {
  if (labels === undefined) return undefined
  try {
    return selectorMatches(parseLabelSelector(selector), labels)
  } catch (error) {
    if (error instanceof SelectorError) return undefined
    throw error
  }
}
