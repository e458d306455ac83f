import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { type Cluster, clusterOf } from '../cluster/cluster.ts'
import type { NamespaceRow } from '../report.ts'
import type { Unread } from '../snapshot/types.ts'
import { namespaceTable } from './namespace-table.ts'
import { namespaceVerdict } from './namespace-verdicts.ts'

function namespace(name: string, labels: Readonly<Record<string, string>> = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Namespace', metadata: { name, labels } }
}

function clusterWith(objects: readonly JsonObject[], unread: readonly Unread[] = []): Cluster {
  const healthy = loadFixture(HEALTHY)
  return clusterOf({ ...healthy, objects: [...healthy.objects, ...objects], unread })
}

function row(cluster: Cluster, name: string): NamespaceRow | undefined {
  return namespaceTable(cluster).find((one) => one.name === name)
}

function because(cluster: Cluster, name: string, webhook: string): string | undefined {
  return row(cluster, name)?.webhooks.find((one) => one.webhook.endsWith(`/${webhook}`))?.because.en
}

describe('the table of namespaces', () => {
  it('has them by name, with the labels that matter, the verdict and the Pods', () => {
    const cluster = clusterWith([namespace('orders', { 'istio.io/rev': 'default', team: 'a' })])
    expect(namespaceTable(cluster).map(({ name, verdict, pods }) => [name, verdict, pods.all, pods.injected])).toEqual([
      ['default', 'not-injected', 0, 0],
      ['istio-system', 'not-injected', 2, 0],
      ['kube-system', 'not-injected', 0, 0],
      ['orders', 'injected', 0, 0],
      ['shop', 'injected', 1, 1],
    ])
    expect(row(cluster, 'orders')).toMatchObject({ revision: 'default' })
    expect(row(cluster, 'orders')).not.toHaveProperty('injection')
    expect(row(cluster, 'shop')).toMatchObject({ injection: 'enabled' })
  })

  it('says of each webhook which condition decides, and what it met', () => {
    const cluster = clusterWith([namespace('orders', { 'istio-injection': 'Enabled' })])
    const webhook = 'namespace.sidecar-injector.istio.io'
    expect(because(cluster, 'shop', webhook)).toBe('namespaceSelector: istio-injection in (enabled), finds enabled')
    expect(because(cluster, 'orders', webhook)).toBe(
      'namespaceSelector, wants istio-injection in (enabled), finds Enabled',
    )
    expect(because(cluster, 'default', 'object.sidecar-injector.istio.io')).toBe(
      'objectSelector, wants sidecar.istio.io/inject in (true), finds nothing',
    )
  })

  it('tells a namespace that the injector ignores from one that no webhook takes', () => {
    const cluster = clusterWith([namespace('kube-public', { 'istio-injection': 'enabled' })])
    expect(row(cluster, 'kube-public')?.verdict).toBe('ignored')
    expect(row(cluster, 'kube-system')?.verdict).toBe('not-injected')
  })

  it('knows nothing where namespaces could not be read, and names those that something is in', () => {
    const healthy = loadFixture(HEALTHY)
    const cluster = clusterOf({
      ...healthy,
      objects: healthy.objects.filter(({ kind }) => kind !== 'Namespace'),
      unread: [{ apiVersion: 'v1', kind: 'Namespace', reason: 'forbidden', message: '' }],
    })
    expect(namespaceTable(cluster).map(({ name, verdict }) => [name, verdict])).toEqual([
      ['istio-system', 'unknown'],
      ['shop', 'unknown'],
    ])
  })

  it('knows nothing where the webhooks could not be read', () => {
    const unread: Unread = {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'MutatingWebhookConfiguration',
      reason: 'forbidden',
      message: '',
    }
    expect(row(clusterWith([], [unread]), 'shop')?.verdict).toBe('unknown')
  })
})

describe('namespaces that no selector tells apart', () => {
  it('share one verdict', () => {
    const cluster = clusterWith([namespace('a', { team: 'x' }), namespace('b', { team: 'y' })])
    expect(namespaceVerdict(cluster, 'a')).toBe(namespaceVerdict(cluster, 'b'))
    expect(namespaceVerdict(cluster, 'a')).not.toBe(namespaceVerdict(cluster, 'shop'))
  })

  it('do not when one of them is ignored by its name', () => {
    const enabled = { 'istio-injection': 'enabled' }
    const cluster = clusterWith([namespace('a', enabled), namespace('kube-node-lease', enabled)])
    expect(row(cluster, 'a')?.verdict).toBe('injected')
    expect(row(cluster, 'kube-node-lease')?.verdict).toBe('ignored')
  })
})
