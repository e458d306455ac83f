import { describe, expect, it } from 'vitest'
import { HEALTHY, loadFixture } from '../../testing/fixture.ts'
import type { Unread } from '../snapshot/types.ts'
import { clusterOf, remembered } from './cluster.ts'
import { eventsAbout } from './events.ts'

const healthy = loadFixture(HEALTHY)
const unread = (more: Partial<Unread>): Unread => ({
  apiVersion: 'v1',
  kind: 'Pod',
  reason: 'forbidden',
  message: 'no',
  ...more,
})

describe('clusterOf', () => {
  it('finds objects by kind, namespace and name, whatever the version of their group', () => {
    const cluster = clusterOf(healthy)
    expect(cluster.find('Deployment', 'shop', 'cart')).toBeDefined()
    expect(cluster.find('Deployment', 'default', 'cart')).toBeUndefined()
    expect(cluster.inNamespace('Pod', 'istio-system')).toHaveLength(2)
    const old = { apiVersion: 'apps/v1beta2', kind: 'Deployment', metadata: { name: 'old' } }
    expect(clusterOf({ ...healthy, objects: [old] }).find('Deployment', 'default', 'old')).toBe(old)
  })

  it('takes the first of two objects of one name, and passes over what is no object', () => {
    const one = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a', namespace: 'x' }, spec: { first: true } }
    const cluster = clusterOf({ ...healthy, objects: [{}, { kind: 'Pod' }, one, { ...one, spec: {} }] })
    expect(cluster.all('Pod')).toEqual([one])
  })

  it('tells what could not be read from what does not exist', () => {
    const cluster = clusterOf({
      ...healthy,
      unread: [
        unread({ namespace: 'shop' }),
        unread({ kind: 'Node' }),
        unread({ kind: 'Service', reason: 'not-served' }),
      ],
    })
    expect(cluster.unread('Pod')).toBeUndefined()
    expect(cluster.unread('Pod', 'shop')?.namespace).toBe('shop')
    expect(cluster.unread('Pod', 'default')).toBeUndefined()
    expect(cluster.unread('Node')?.reason).toBe('forbidden')
    expect(cluster.unread('Service')).toBeUndefined()
  })
})

it('remembers a derivation per cluster, also when it is undefined', () => {
  let runs = 0
  const derive = remembered(() => {
    runs += 1
    return undefined
  })
  const [a, b] = [clusterOf(healthy), clusterOf(healthy)]
  for (const cluster of [a, a, b, b]) derive(cluster)
  expect(runs).toBe(2)
})

it('reads events of both API groups, newest first', () => {
  const about = { kind: 'ReplicaSet', namespace: 'shop', name: 'cart-1' }
  const old = {
    apiVersion: 'v1',
    kind: 'Event',
    metadata: { name: 'e1', namespace: 'shop' },
    involvedObject: about,
    message: 'old',
    count: 7,
    lastTimestamp: '2026-11-20T10:00:00Z',
  }
  const fresh = {
    apiVersion: 'events.k8s.io/v1',
    kind: 'Event',
    metadata: { name: 'e2', namespace: 'shop' },
    regarding: about,
    note: 'fresh',
    eventTime: '2026-11-20T11:00:00.000000Z',
    series: { count: 3, lastObservedTime: '2026-11-20T11:30:00.000000Z' },
  }
  const found = eventsAbout(clusterOf({ ...healthy, objects: [old, fresh] }), 'ReplicaSet', 'shop', 'cart-1')
  expect(found.map(({ message, count }) => [message, count])).toEqual([
    ['fresh', 3],
    ['old', 7],
  ])
})
