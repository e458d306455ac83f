import type { JsonObject } from '@proa/kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { read, startTestCluster, type TestCluster } from '../../testing/cluster.ts'

let cluster: TestCluster
beforeAll(async () => {
  cluster = await startTestCluster({ nodes: [] })
})
afterAll(() => cluster.stop())

const DEFINITION = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }
const NAME = { name: 'things.example.com', namespace: '' }
const THING = { apiVersion: 'example.com/v1', kind: 'Thing' }

function definition(name: string, group: string, plural: string, kind: string): JsonObject {
  const schema = { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }
  return {
    ...DEFINITION,
    metadata: { name },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind },
      versions: [{ name: 'v1', served: true, storage: true, schema }],
    },
  }
}

// As seen on a real API server (1.36).
describe('a CustomResourceDefinition that is deleted', () => {
  it('goes at once when there is nothing of it, and takes its objects with it', async () => {
    await cluster.api.create(definition('things.example.com', 'example.com', 'things', 'Thing'))
    await cluster.put({ ...THING, metadata: { name: 'a' } })
    await cluster.api.delete({ ...DEFINITION, ...NAME })
    await cluster.quiet()
    expect(cluster.api.find({ ...DEFINITION, ...NAME })).toBeUndefined()
    await cluster.api.create(definition('things.example.com', 'example.com', 'things', 'Thing'))
    expect(cluster.api.list(THING)).toEqual([])
  })

  it('waits for objects that something holds, and lets no more in', async () => {
    await cluster.put({ ...THING, metadata: { name: 'held', finalizers: ['x.y/z'] } })
    await cluster.api.delete({ ...DEFINITION, ...NAME })
    await cluster.quiet()
    const ending = cluster.api.find({ ...DEFINITION, ...NAME })
    expect(read(ending, 'metadata.finalizers')).toEqual(['customresourcecleanup.apiextensions.k8s.io'])
    expect(read(ending, 'status.conditions.Terminating.reason')).toBe('InstanceDeletionInProgress')
    await expect(cluster.api.create({ ...THING, metadata: { name: 'b', namespace: 'default' } })).rejects.toMatchObject(
      {
        code: 403,
        message:
          'things.example.com "b" is forbidden: create not allowed while custom resource definition is terminating',
      },
    )
    const held = cluster.get('example.com/v1/Thing/held')
    expect(typeof read(held, 'metadata.deletionTimestamp')).toBe('string')
    await cluster.change('example.com/v1/Thing/held', (one) => ({
      ...one,
      metadata: { ...(one.metadata as JsonObject), finalizers: [] },
    }))
    expect(cluster.api.find({ ...DEFINITION, ...NAME })).toBeUndefined()
  })

  it('does not take what is built in with it', async () => {
    const kept = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'kept' } }
    await cluster.put(kept)
    await cluster.put({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'kept' } })
    const name = 'leases.coordination.k8s.io'
    const made = await cluster.api
      .create(definition(name, 'coordination.k8s.io', 'leases', 'Lease'))
      .catch(() => undefined)
    if (made !== undefined) await cluster.api.delete({ ...DEFINITION, name, namespace: '' })
    await cluster.quiet()
    expect(cluster.get('coordination.k8s.io/v1/Lease/kept')).toBeDefined()
  })
})
