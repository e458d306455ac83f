import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import { type Cluster, clusterOf } from '../cluster/cluster.ts'
import { injectors } from '../mesh/injectors.ts'
import type { Snapshot } from '../snapshot/types.ts'
import { creationFailures, failuresAt, isOvercome } from './creation-failures.ts'

const HEALTHY_SNAPSHOT = loadFixture(HEALTHY)
const said = (webhook: string, problem: string, service = 'istiod') =>
  `Error creating: Internal error occurred: failed calling webhook "${webhook}": failed to call webhook: Post "https://${service}.istio-system.svc:443/inject?timeout=10s": ${problem}`
const NAMESPACE_WEBHOOK = 'namespace.sidecar-injector.istio.io'
const NO_ENDPOINTS = said(NAMESPACE_WEBHOOK, 'no endpoints available for service "istiod"')

describe('creationFailures', () => {
  it('groups what is the same, and counts it, newest first', () => {
    const cluster = withObjects(
      event('a', NO_ENDPOINTS, { count: 14, lastTimestamp: '2026-11-20T11:50:00Z' }),
      event('b', NO_ENDPOINTS, { count: 2, lastTimestamp: '2026-11-20T11:58:00Z' }),
      event('c', said(NAMESPACE_WEBHOOK, 'context deadline exceeded'), { lastTimestamp: '2026-11-20T11:59:00Z' }),
    )
    expect(creationFailures(cluster)).toMatchObject([
      { classification: { code: 'timeout' }, count: 1, ongoing: false },
      {
        classification: { code: 'no-endpoints', webhook: NAMESPACE_WEBHOOK },
        count: 16,
        lastSeen: Date.parse('2026-11-20T11:58:00Z'),
        newest: {
          source: 'event',
          object: { kind: 'ReplicaSet', namespace: 'shop', name: 'cart-5f6d' },
          evidence: { object: { kind: 'Event', name: 'b' }, path: 'message' },
        },
      },
    ])
  })

  it('reads events of events.k8s.io', () => {
    const cluster = withObjects({
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: 'e', namespace: 'shop' },
      regarding: { kind: 'Job', namespace: 'shop', name: 'import' },
      reason: 'FailedCreate',
      type: 'Warning',
      note: NO_ENDPOINTS,
      series: { count: 7, lastObservedTime: '2026-11-20T11:59:30.000000Z' },
    })
    expect(creationFailures(cluster)).toMatchObject([
      { count: 7, newest: { object: { kind: 'Job', name: 'import' }, evidence: { path: 'note' } } },
    ])
  })

  it('reads conditions, which stay until the controller has tried again', () => {
    const cluster = withObjects({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cart', namespace: 'shop' },
      status: {
        conditions: [
          { type: 'Progressing', status: 'True', message: 'ReplicaSet "cart-5f6d" is progressing.' },
          { type: 'ReplicaFailure', status: 'True', message: NO_ENDPOINTS, lastUpdateTime: '2026-11-20T11:00:00Z' },
        ],
      },
    })
    const [failure] = creationFailures(cluster)
    expect(failure).toMatchObject({ ongoing: false, newest: { evidence: { path: 'status.conditions[1].message' } } })
    expect(failure && isOvercome(cluster, failure)).toBe(false)
  })

  it('takes what was tried, and what the API server wrote', () => {
    const cluster = clusterOf({
      ...HEALTHY_SNAPSHOT,
      probes: [
        {
          kind: 'pod-creation',
          namespace: 'shop',
          labels: {},
          outcome: { kind: 'refused', code: 500, message: said(NAMESPACE_WEBHOOK, 'EOF') },
        },
      ],
      logs: [
        {
          namespace: 'kube-system',
          pod: 'kube-apiserver-cp-1',
          container: 'kube-apiserver',
          previous: false,
          tail: `I1120 11:00:00.000001       1 trace.go:236] something else\nW1120 11:00:00.123456       1 dispatcher.go:210] Failed calling webhook, failing open x.sidecar-injector.istio.io: failed calling webhook "x.sidecar-injector.istio.io": failed to call webhook: Post "https://istiod.istio-system.svc:443/inject?timeout=10s": context deadline exceeded\n`,
        },
      ],
    })
    expect(creationFailures(cluster)).toMatchObject([
      { classification: { code: 'connection-closed' }, newest: { source: 'probe' }, ongoing: true },
      {
        classification: { code: 'timeout', failedOpen: true },
        newest: { source: 'log', lastSeen: Date.parse('2026-11-20T11:00:00Z') },
      },
    ])
  })

  it('knows that it is over when a Pod was injected since', () => {
    // The healthy cart was created on 2026-11-10.
    const old = withObjects(event('a', NO_ENDPOINTS, { lastTimestamp: '2026-11-10T08:00:00Z' }))
    const fresh = withObjects(event('a', NO_ENDPOINTS, { lastTimestamp: '2026-11-20T11:00:00Z' }))
    const over = (cluster: Cluster) => creationFailures(cluster).map((one) => isOvercome(cluster, one))
    expect([over(old), over(fresh)]).toEqual([[true], [false]])
  })

  it('gives a webhook what is about its service, whatever its name', () => {
    const [injector] = injectors(clusterOf(HEALTHY_SNAPSHOT))
    const at = (message: string) => {
      const cluster = withObjects(event('a', message, { lastTimestamp: '2026-11-20T11:00:00Z' }))
      return injector === undefined ? undefined : failuresAt(cluster, injector).length
    }
    expect(at(NO_ENDPOINTS)).toBe(1)
    expect(at(said(NAMESPACE_WEBHOOK, 'EOF', 'istiod-canary'))).toBe(0)
    const bundle = 'could not get REST client: unable to load root certificates: unable to parse bytes as PEM block'
    expect(at(`failed calling webhook "rev.namespace.sidecar-injector.istio.io": ${bundle}`)).toBe(1)
    expect(at(`failed calling webhook "other.example.com": ${bundle}`)).toBe(0)
  })
})

function withObjects(...objects: readonly JsonObject[]): Cluster {
  const keys = new Set(objects.map(keyOf))
  const rest = HEALTHY_SNAPSHOT.objects.filter((one) => !keys.has(keyOf(one)))
  return clusterOf({ ...HEALTHY_SNAPSHOT, objects: [...rest, ...objects] } satisfies Snapshot)
}

const keyOf = ({ kind, metadata }: JsonObject): string => JSON.stringify([kind, Object(metadata).name])

function event(name: string, message: string, more: JsonObject): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name, namespace: 'shop' },
    involvedObject: { kind: 'ReplicaSet', namespace: 'shop', name: 'cart-5f6d' },
    reason: 'FailedCreate',
    type: 'Warning',
    message,
    ...more,
  }
}
