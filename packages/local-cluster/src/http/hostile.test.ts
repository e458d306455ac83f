import { connect } from 'node:tls'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Client, httpsClient } from '../../testing/https-client.ts'
import { type LocalCluster, startLocalCluster } from '../start.ts'
import { MAX_BODY } from './body.ts'

describe('whatever comes in', () => {
  let cluster: LocalCluster
  let client: Client
  const problems: string[] = []
  beforeAll(async () => {
    cluster = await startLocalCluster({
      nodes: [],
      log: (level, message) => level === 'warn' && problems.push(message),
    })
    client = httpsClient(cluster)
  })
  afterAll(async () => {
    client.close()
    await cluster.stop()
  })
  const alive = async (): Promise<void> => {
    expect((await client.send('GET', '/version')).code).toBe(200)
    expect(problems).toEqual([])
  }

  it('is answered with a Status: any JSON as any object, and as any patch', async () => {
    const path = fc.constantFrom(
      '/api/v1/namespaces/default/pods',
      '/api/v1/namespaces/default/services',
      '/apis/apps/v1/namespaces/default/deployments',
      '/apis/batch/v1/namespaces/default/jobs',
      '/apis/rbac.authorization.k8s.io/v1/clusterroles',
      '/apis/admissionregistration.k8s.io/v1/mutatingwebhookconfigurations',
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
      '/apis/authentication.k8s.io/v1/tokenreviews',
      '/apis/authorization.k8s.io/v1/subjectaccessreviews',
      '/api/v1/namespaces/default/serviceaccounts/default/token',
    )
    const object = fc.record(
      {
        metadata: fc.oneof(fc.jsonValue(), fc.record({ name: fc.jsonValue(), labels: fc.jsonValue() })),
        spec: fc.jsonValue(),
        webhooks: fc.jsonValue(),
        rules: fc.jsonValue(),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(path, fc.oneof(object, fc.jsonValue()), async (place, body) => {
        const { code } = await client.send('POST', place, JSON.stringify(body))
        expect(code).toBeGreaterThanOrEqual(200)
        expect(code === 500).toBe(false)
      }),
      { seed: 7, numRuns: 300 },
    )
    const type = fc.constantFrom(
      'application/merge-patch+json',
      'application/strategic-merge-patch+json',
      'application/json-patch+json',
      'application/apply-patch+yaml',
    )
    await fc.assert(
      fc.asyncProperty(
        type,
        fc.oneof(
          object,
          fc.jsonValue(),
          fc.array(
            fc.record({
              op: fc.constantFrom('add', 'remove', 'replace'),
              path: fc.constantFrom('/spec', '/metadata/labels', ''),
              value: fc.jsonValue(),
            }),
          ),
        ),
        async (contentType, body) => {
          const place = '/api/v1/namespaces/default/services/kubernetes?dryRun=All&fieldManager=f'
          const { code } = await client.send('PATCH', place, JSON.stringify(body), { 'content-type': contentType })
          expect(code).toBeGreaterThanOrEqual(200)
        },
      ),
      { seed: 8, numRuns: 200 },
    )
    await alive()
  })

  it('is answered: bytes that say that they are protobuf', async () => {
    const envelope = Buffer.from('k8s\0\x0a\x0f\x0a\x02v1\x12\x09ConfigMap\x12', 'latin1')
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 40 }), fc.boolean(), async (bytes, wrapped) => {
        const body = wrapped ? Buffer.concat([envelope, Buffer.from([bytes.length]), bytes]) : Buffer.from(bytes)
        const headers = { 'content-type': 'application/vnd.kubernetes.protobuf' }
        const { code } = await client.send(
          'POST',
          '/api/v1/namespaces/default/configmaps',
          body.toString('latin1'),
          headers,
        )
        expect([201, 400, 409, 422]).toContain(code)
      }),
      { seed: 9, numRuns: 200 },
    )
    await alive()
  })

  it.each([
    '/%',
    '/%ff',
    '//',
    '/api/v1/namespaces/%2e%2e/pods',
    '/api/v1/pods?labelSelector=%00',
    '/api/v1/__proto__',
    '/apis/constructor/v1/x',
    '/api/v1/namespaces/default/pods/__proto__',
  ])('is answered: the path %s', async (path) => {
    const { code } = await client.send('GET', path)
    expect([200, 400, 404]).toContain(code)
    await alive()
  })

  it('has a size: a body above 3 MiB is refused while it comes', async () => {
    const large = `{"data":"${'x'.repeat(MAX_BODY)}"}`
    const answer = await client
      .send('POST', '/api/v1/namespaces/default/configmaps', large)
      .catch((error: Error) => error)
    // The server closes the connection, so the answer may be lost while the body is still being written.
    if (!(answer instanceof Error)) expect(answer.code).toBe(413)
    await alive()
  })

  it('has a depth', async () => {
    const deep = `${'{"a":'.repeat(20_000)}1${'}'.repeat(20_000)}`
    expect((await client.send('POST', '/api/v1/namespaces/default/configmaps', deep)).code).toBe(400)
    await alive()
  })

  it('keeps keys like __proto__ as keys', async () => {
    const body =
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"proto"},"data":{"__proto__":"a","constructor":"b"}}'
    const { text } = await client.send('POST', '/api/v1/namespaces/default/configmaps', body)
    expect(text).toContain('"data":{"__proto__":"a","constructor":"b"}')
    await alive()
  })

  it('may be no HTTP', async () => {
    const { hostname, port } = new URL(cluster.url)
    const socket = connect({ host: hostname, port: Number(port), ca: cluster.ca })
    await new Promise<void>((resolve) => {
      socket.on('close', () => resolve())
      socket.on('error', () => {})
      socket.on('secureConnect', () => socket.write('\0\x01garbage\r\n\r\n'))
      socket.resume()
    })
    await alive()
  })
})
