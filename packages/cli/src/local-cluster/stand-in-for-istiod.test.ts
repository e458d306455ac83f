import type { JsonObject } from '@proa/kube'
import { watchObjects } from '@proa/kube-client'
import { expect, it, onTestFinished } from 'vitest'
import { testCluster } from '../../testing/cluster.ts'
import { textAt } from '../installation/objects.ts'
import { standInForIstiod } from './stand-in-for-istiod.ts'

const root = { apiVersion: 'v1', kind: 'ConfigMap', name: 'istio-ca-root-cert' } as const
const nameOf = (object: JsonObject): string => textAt(object, 'metadata', 'name')

it('brings the root certificate to namespaces that there are, and to those that come later', async () => {
  const { client } = await testCluster()
  const ending = new AbortController()
  onTestFinished(() => ending.abort())
  const arrived = Promise.withResolvers<unknown>()
  const watching = watchObjects(
    client,
    { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'later' },
    {
      changed(now) {
        if (now !== undefined && nameOf(now) === root.name) arrived.resolve(now.data)
      },
    },
  )
  onTestFinished(() => watching.stop())
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'istio-system' } })
  await standInForIstiod(client, 'PEM', ending.signal)
  expect(await client.get({ ...root, namespace: 'default' })).toMatchObject({ data: { 'root-cert.pem': 'PEM' } })
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'later' } })
  expect(await arrived.promise).toEqual({ 'root-cert.pem': 'PEM' })
})
