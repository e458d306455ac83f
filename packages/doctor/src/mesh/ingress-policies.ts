import { isArray, type Json, type JsonObject, parseLabelSelector, SelectorError, selectorMatches } from '@proa/kube'
import type { Cluster } from '../cluster/cluster.ts'
import { at, isTrueAt, listAt, namespaceOf, numberAt, objectAt, objectsAt, textAt } from '../reading.ts'
import { containerPorts } from './backends.ts'

/**
 * Whether NetworkPolicies let an API server reach a port of a Pod. An API server is no Pod, so that selectors of Pods and
 * namespaces never mean it: only rules without `from`, and `ipBlock`s. What a plugin makes of the traffic of nodes is its own affair.
 */
export interface IngressVerdict {
  readonly kind: 'open' | 'closed' | 'unknown'
  /** Policies that select the Pod for ingress. */
  readonly policies: readonly JsonObject[]
  /** For `unknown`: blocks that may have the address of the API server or not. */
  readonly blocks: readonly string[]
}

export function ingressFromApiServer(
  cluster: Cluster,
  pod: JsonObject,
  port: number,
  addresses: readonly string[],
): IngressVerdict {
  const policies = cluster.inNamespace('NetworkPolicy', namespaceOf(pod)).filter((policy) => governs(policy, pod))
  if (policies.length === 0 || isTrueAt(pod, 'spec', 'hostNetwork')) return { kind: 'open', policies: [], blocks: [] }
  const rules = policies
    .flatMap((policy) => objectsAt(policy, 'spec', 'ingress'))
    .filter((rule) => hasPort(rule, pod, port))
  if (rules.some((rule) => listAt(rule, 'from').length === 0)) return { kind: 'open', policies, blocks: [] }
  const blocks = rules.flatMap((rule) => objectsAt(rule, 'from').map((peer) => objectAt(peer, 'ipBlock')))
  const cidrs = blocks.filter((block) => textAt(block, 'cidr') !== '')
  if (cidrs.some((block) => admits(block, addresses) === true)) return { kind: 'open', policies, blocks: [] }
  const open = cidrs.filter((block) => admits(block, addresses) === undefined)
  return {
    kind: open.length > 0 ? 'unknown' : 'closed',
    policies,
    blocks: cidrs.map((block) => textAt(block, 'cidr')),
  }
}

function governs(policy: JsonObject, pod: JsonObject): boolean {
  const types = at(policy, 'spec', 'policyTypes')
  if (isArray(types) && !types.includes('Ingress')) return false
  try {
    return selectorMatches(parseLabelSelector(at(policy, 'spec', 'podSelector')), objectAt(pod, 'metadata', 'labels'))
  } catch (error) {
    // The API server would not have taken it.
    if (error instanceof SelectorError) return false
    throw error
  }
}

/** Without ports a rule is about all of them. */
function hasPort(rule: JsonObject, pod: JsonObject, wanted: number): boolean {
  const ports = objectsAt(rule, 'ports')
  if (ports.length === 0) return true
  return ports.some((one) => {
    if ((textAt(one, 'protocol') || 'TCP') !== 'TCP') return false
    const first = numberOf(one.port, pod)
    if (one.port === undefined) return true
    return first !== undefined && wanted >= first && wanted <= (numberAt(one, 'endPort') ?? first)
  })
}

function numberOf(port: Json | undefined, pod: JsonObject): number | undefined {
  if (typeof port === 'number') return port
  if (typeof port !== 'string') return undefined
  return containerPorts(pod).find(({ name }) => name === port)?.port
}

/** Whether a block lets the API server in; undefined when its address is not known, or comes from elsewhere on the way. */
function admits(block: JsonObject, addresses: readonly string[]): boolean | undefined {
  const cidr = textAt(block, 'cidr')
  const except = listAt(block, 'except').filter((one) => typeof one === 'string')
  if ((cidr === '0.0.0.0/0' || cidr === '::/0') && except.length === 0) return true
  const known = addresses.flatMap((address) => {
    const inside = contains(cidr, address)
    return inside === undefined ? [] : [inside && !except.some((one) => contains(one, address) === true)]
  })
  if (known.length === 0) return undefined
  // A load balancer or a tunnel may have changed the address: only a yes is sure.
  return known.some(Boolean) ? true : undefined
}

/** IPv4 only; undefined for anything else. */
function contains(cidr: string, address: string): boolean | undefined {
  const [network = '', bits = ''] = cidr.split('/')
  const [a, b] = [ipv4(network), ipv4(address)]
  const length = /^\d{1,2}$/.test(bits) ? Number(bits) : 33
  if (a === undefined || b === undefined || length > 32) return undefined
  const size = 2 ** (32 - length)
  return Math.floor(a / size) === Math.floor(b / size)
}

function ipv4(text: string): number | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined
  return parts.reduce((sum, part) => sum * 256 + Number(part), 0)
}
