import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { deployment, nameOf, read, startTestCluster, type TestCluster } from '../../../testing/cluster.ts'
import { judge } from './collector.ts'

let cluster: TestCluster
beforeEach(async () => {
  cluster = await startTestCluster()
})
afterEach(async () => {
  await cluster.stop()
})

const CONFIG_MAP = { apiVersion: 'v1', kind: 'ConfigMap' }
const web = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', namespace: 'default' }
const configMaps = () =>
  cluster.api
    .list(CONFIG_MAP, 'default')
    .map(nameOf)
    .filter((name) => name !== 'kube-root-ca.crt')
    .sort()
const owned = (name: string, owners: readonly { name: string; uid: string; blockOwnerDeletion?: boolean }[]) => ({
  ...CONFIG_MAP,
  metadata: { name, namespace: 'default', ownerReferences: owners.map((owner) => ({ ...CONFIG_MAP, ...owner })) },
})

describe('what owners mean for an object', () => {
  const alive = { alive: true, waiting: false }
  const dead = { alive: false, waiting: false }
  const waiting = { alive: true, waiting: true }
  it.each([
    ['none', [], 'keep'],
    ['all alive', [alive, alive], 'keep'],
    ['some dead', [alive, dead], 'detach'],
    ['all dead', [dead, dead], 'delete'],
    ['one that waits for its dependents', [waiting], 'delete'],
  ] as const)('%s', (_name, owners, verdict) => {
    expect(judge(owners)).toBe(verdict)
  })
})

describe('garbage collection', () => {
  it('removes what the deleted owned, down to the Pods', async () => {
    await cluster.put(deployment('web'))
    await cluster.api.delete(web)
    await cluster.quiet()
    expect(cluster.api.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, 'default')).toEqual([])
    expect(cluster.pods()).toEqual([])
  })

  it('in the foreground removes the owner last', async () => {
    await cluster.put(deployment('web'))
    const order: unknown[] = []
    cluster.api.onChange(({ type, object }) => type === 'DELETED' && object.kind !== 'Event' && order.push(object.kind))
    await cluster.api.delete(web, { propagationPolicy: 'Foreground' })
    await cluster.quiet()
    expect(order).toEqual(['Pod', 'Pod', 'Pod', 'ReplicaSet', 'Deployment'])
  })

  it('does not take an owner of a kind that is not served for dead', async () => {
    const owner = {
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      name: 'one',
      uid: '5e3f5a3e-0000-4000-8000-000000000001',
    }
    await cluster.put({ ...CONFIG_MAP, metadata: { name: 'kept', ownerReferences: [owner] } })
    expect(configMaps()).toEqual(['kept'])
  })

  it('leaves orphans alone when asked to', async () => {
    await cluster.put(deployment('web'))
    await cluster.api.delete(web, { propagationPolicy: 'Orphan' })
    await cluster.quiet()
    const [set] = cluster.api.list({ apiVersion: 'apps/v1', kind: 'ReplicaSet' }, 'default')
    expect(read(set, 'metadata.ownerReferences')).toBeUndefined()
    expect(cluster.pods()).toHaveLength(3)
  })

  it('removes just what no living owner is left for (law)', async () => {
    const graph = fc.array(fc.array(fc.nat(9), { maxLength: 3 }), { minLength: 1, maxLength: 10 })
    const removed = fc.array(fc.nat(9), { minLength: 1, maxLength: 3 })
    const run = async (owners: readonly (readonly number[])[], gone: readonly number[]) => {
      const uids: string[] = []
      // Only earlier ones can be owners: an owner is there before what it owns.
      const parents = owners.map((list, index) => [...new Set(list.filter((owner) => owner < index))])
      for (const [index, list] of parents.entries()) {
        const references = list.map((owner) => ({ name: `c${owner}`, uid: uids[owner] ?? '' }))
        uids.push(String(read(await cluster.api.create(owned(`c${index}`, references)), 'metadata.uid')))
      }
      for (const index of new Set(gone.filter((each) => each < owners.length))) {
        await cluster.api.delete({ ...CONFIG_MAP, name: `c${index}`, namespace: 'default' }).catch(() => {})
      }
      await cluster.quiet()
      const alive: boolean[] = []
      for (const [index, list] of parents.entries()) {
        alive.push(!gone.includes(index) && (list.length === 0 || list.some((owner) => alive[owner])))
      }
      expect(configMaps()).toEqual(alive.flatMap((lives, index) => (lives ? [`c${index}`] : [])).sort())
      for (const name of configMaps())
        await cluster.api.delete({ ...CONFIG_MAP, name, namespace: 'default' }).catch(() => {})
      await cluster.quiet()
      expect(configMaps()).toEqual([])
    }
    await fc.assert(fc.asyncProperty(graph, removed, run), { seed: 3, numRuns: 30 })
  })
})

describe('a namespace', () => {
  const NAMESPACE = { apiVersion: 'v1', kind: 'Namespace' }
  const find = (name: string) => cluster.api.find({ ...NAMESPACE, name, namespace: '' })

  it('has an account for its Pods and the CA of the API server from the start', async () => {
    await cluster.put({ ...NAMESPACE, metadata: { name: 'shop' } })
    expect(
      cluster.api.find({ apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', namespace: 'shop' }),
    ).toBeDefined()
    const ca = cluster.api.find({ ...CONFIG_MAP, name: 'kube-root-ca.crt', namespace: 'shop' })
    expect(read(ca, 'data')).toEqual({ 'ca.crt': cluster.ca })
  })

  it('is emptied when it is deleted, and then gone', async () => {
    await cluster.put({ ...NAMESPACE, metadata: { name: 'shop' } })
    await cluster.api.create({ ...deployment('web'), metadata: { name: 'web', namespace: 'shop' } })
    await cluster.quiet()
    await cluster.api.delete({ ...NAMESPACE, name: 'shop', namespace: '' })
    await cluster.quiet()
    expect(find('shop')).toBeUndefined()
    expect(cluster.api.list({ apiVersion: 'v1', kind: 'Pod' }, 'shop')).toEqual([])
    expect(cluster.api.list({ apiVersion: 'v1', kind: 'Event' }, 'shop')).toEqual([])
  })

  it('waits for finalizers, and says for which', async () => {
    await cluster.put({ ...NAMESPACE, metadata: { name: 'shop' } })
    const held = { ...CONFIG_MAP, metadata: { name: 'held', namespace: 'shop', finalizers: ['example.com/hold'] } }
    await cluster.api.create(held)
    await cluster.api.delete({ ...NAMESPACE, name: 'shop', namespace: '' })
    await cluster.quiet()
    expect(read(find('shop'), 'status.phase')).toBe('Terminating')
    expect(read(find('shop'), 'status.conditions.NamespaceContentRemaining')).toMatchObject({
      status: 'True',
      reason: 'SomeResourcesRemain',
      message: 'Some resources are remaining: configmaps. has 1 resource instances',
    })
    expect(read(find('shop'), 'status.conditions.NamespaceFinalizersRemaining')).toMatchObject({
      status: 'True',
      message: 'Some content in the namespace has finalizers remaining: example.com/hold in 1 resource instances',
    })
    const object = cluster.api.find({ ...CONFIG_MAP, name: 'held', namespace: 'shop' })
    await cluster.api.update({ ...object, metadata: { ...(object?.metadata as object), finalizers: [] } })
    await cluster.quiet()
    expect(find('shop')).toBeUndefined()
  })
})
