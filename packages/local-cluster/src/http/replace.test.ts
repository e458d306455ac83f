import type { JsonObject } from '@proa/kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startTestCluster, type TestCluster } from '../../testing/cluster.ts'
import { type Client, httpsClient } from '../../testing/https-client.ts'

let cluster: TestCluster
let client: Client
beforeAll(async () => {
  cluster = await startTestCluster({ nodes: [] })
  client = httpsClient(cluster)
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

const LEASES = '/apis/coordination.k8s.io/v1/namespaces/default/leases'
const lease = (name: string, metadata: JsonObject = {}): JsonObject => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { name, ...metadata },
})

// As seen on a real API server (1.36).
describe('Endpoints', () => {
  it('are deprecated, which every answer says', async () => {
    const { warnings } = await client.send('GET', '/api/v1/endpoints')
    expect(warnings).toEqual(['299 - "v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"'])
  })
})

describe('PUT of an object that is missing', () => {
  it('creates it where its kind allows that, whatever resourceVersion it names', async () => {
    const answer = await client.send('PUT', `${LEASES}/a`, lease('a', { resourceVersion: '5' }))
    expect(answer.code).toBe(201)
    expect((await client.send('PUT', `${LEASES}/a`, lease('a'))).code).toBe(200)
  })

  it('is a conflict when the object says which one it means', async () => {
    const answer = await client.send('PUT', `${LEASES}/b`, lease('b', { uid: '5' }))
    expect(answer.code).toBe(409)
    expect(answer.text).toMatch(/UID in precondition: 5, UID in object meta: /)
  })

  it('is not found for other kinds', async () => {
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c' } }
    expect((await client.send('PUT', '/api/v1/namespaces/default/configmaps/c', object)).code).toBe(404)
  })

  it('needs the right to create, as an apply does', async () => {
    const rbac = 'rbac.authorization.k8s.io'
    const rules = [{ apiGroups: ['*'], resources: ['*'], verbs: ['get', 'update', 'patch'] }]
    const metadata = { name: 'changer' }
    const roleRef = { apiGroup: rbac, kind: 'ClusterRole', name: 'changer' }
    await cluster.put({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules })
    await cluster.put({
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata,
      roleRef: { ...roleRef, kind: 'Role' },
      subjects: [{ kind: 'User', name: 'ann' }],
    })
    const ann = { 'impersonate-user': 'ann' }
    const message =
      'leases.coordination.k8s.io "d" is forbidden: User "ann" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "default"'
    expect((await client.send('PUT', `${LEASES}/d`, lease('d'), ann)).body).toMatchObject({ code: 403, message })
    const apply = { ...ann, 'content-type': 'application/apply-patch+yaml' }
    const applied = await client.send('PATCH', `${LEASES}/d?fieldManager=x`, lease('d'), apply)
    expect(applied.body).toMatchObject({ code: 403, message })
    expect((await client.send('PUT', `${LEASES}/a`, lease('a'), ann)).code).toBe(200)
  })
})
