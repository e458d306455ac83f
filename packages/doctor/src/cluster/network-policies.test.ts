import type { Json, JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { SNAPSHOT_API_VERSION, SNAPSHOT_KIND } from '../snapshot/types.ts'
import { type Cluster, clusterOf } from './cluster.ts'
import { allows, allowsPortAnywhere, type Endpoint, policiesOn } from './network-policies.ts'

function cluster(...specs: readonly JsonObject[]): Cluster {
  const policies = specs.map((spec, index) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'NetworkPolicy',
    metadata: { name: `policy-${index}`, namespace: 'shop' },
    spec,
  }))
  const namespaces = ['shop', 'istio-system'].map((name) => ({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name } },
  }))
  return clusterOf({
    apiVersion: SNAPSHOT_API_VERSION,
    kind: SNAPSHOT_KIND,
    takenAt: '2026-11-20T12:00:00Z',
    source: { kind: 'files', paths: [] },
    objects: [...namespaces, ...policies],
    unread: [],
    probes: [],
    logs: [],
  })
}

const from: Endpoint = { namespace: 'shop', labels: { app: 'cart' }, addresses: ['10.1.0.9'] }
const to: Endpoint = { namespace: 'istio-system', labels: { app: 'istiod' }, addresses: ['10.1.0.5', '10.96.0.20'] }

/** Whether a policy with these egress rules lets the Pod out to port 15012. */
function goesOut(...egress: readonly Json[]): boolean {
  const all = cluster({ podSelector: {}, policyTypes: ['Egress'], egress })
  return allows(all, 'Egress', policiesOn(all, 'Egress', from), { from, to, port: 15_012 })
}

describe('which policies restrict a Pod', () => {
  it('are those that select it, for the directions that they name', () => {
    const all = cluster(
      { podSelector: { matchLabels: { app: 'cart' } }, policyTypes: ['Egress'] },
      { podSelector: { matchLabels: { app: 'other' } }, policyTypes: ['Egress'] },
      { podSelector: {}, policyTypes: ['Ingress'] },
    )
    expect(policiesOn(all, 'Egress', from)).toHaveLength(1)
    expect(policiesOn(all, 'Ingress', from)).toHaveLength(1)
    expect(policiesOn(all, 'Egress', { ...from, namespace: 'elsewhere' })).toHaveLength(0)
  })

  it('without policyTypes: ingress always, egress when there are rules', () => {
    const all = cluster({ podSelector: {} }, { podSelector: {}, egress: [] })
    expect(policiesOn(all, 'Ingress', from)).toHaveLength(2)
    expect(policiesOn(all, 'Egress', from)).toHaveLength(1)
  })
})

describe('what rules let through', () => {
  it('is nothing without rules, and everything with an empty one', () => {
    expect(goesOut()).toBe(false)
    expect(goesOut({})).toBe(true)
  })

  it('is decided by port, range and protocol', () => {
    expect(goesOut({ ports: [{ port: 15_012 }] })).toBe(true)
    expect(goesOut({ ports: [{ port: 15_000, endPort: 15_020 }] })).toBe(true)
    expect(goesOut({ ports: [{ port: 443 }] })).toBe(false)
    expect(goesOut({ ports: [{ port: 15_012, protocol: 'UDP' }] })).toBe(false)
  })

  it('is decided by namespace, Pod and address', () => {
    const namespace = (name: string): JsonObject => ({ matchLabels: { 'kubernetes.io/metadata.name': name } })
    expect(goesOut({ to: [{ namespaceSelector: namespace('istio-system') }] })).toBe(true)
    expect(goesOut({ to: [{ namespaceSelector: namespace('shop') }] })).toBe(false)
    expect(goesOut({ to: [{ podSelector: { matchLabels: { app: 'istiod' } } }] })).toBe(false)
    expect(goesOut({ to: [{ namespaceSelector: {}, podSelector: { matchLabels: { app: 'istiod' } } }] })).toBe(true)
    expect(goesOut({ to: [{ ipBlock: { cidr: '10.96.0.0/16' } }] })).toBe(true)
    expect(goesOut({ to: [{ ipBlock: { cidr: '10.0.0.0/8', except: ['10.1.0.0/16', '10.96.0.0/16'] } }] })).toBe(false)
  })

  it('adds up over policies', () => {
    const all = cluster({ podSelector: {}, egress: [] }, { podSelector: {}, egress: [{ ports: [{ port: 15_012 }] }] })
    const policies = policiesOn(all, 'Egress', from)
    expect(allows(all, 'Egress', policies, { from, to, port: 15_012 })).toBe(true)
    expect(allowsPortAnywhere(policies, [53])).toBe(false)
  })

  it('is what is not known: a named port, a namespace without labels, a selector that cannot be read', () => {
    expect(goesOut({ ports: [{ port: 'https-dns' }] })).toBe(true)
    expect(goesOut({ to: [{ namespaceSelector: { matchExpressions: [{ key: 'a', operator: 'Odd' }] } }] })).toBe(true)
    const all = cluster({ podSelector: {}, egress: [{ to: [{ namespaceSelector: { matchLabels: { a: 'b' } } }] }] })
    const unknown = { ...to, namespace: 'not-read' }
    expect(allows(all, 'Egress', policiesOn(all, 'Egress', from), { from, to: unknown, port: 1 })).toBe(true)
  })
})
