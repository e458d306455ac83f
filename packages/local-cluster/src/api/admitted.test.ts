import { readFileSync } from 'node:fs'
import { isObject, type JsonObject } from '@proa/kube'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Authority, authority, serverCertificate } from '../../testing/admission/certificates.ts'
import { namespace, webhookConfiguration } from '../../testing/admission/cluster.ts'
import { type Built, FAILURES } from '../../testing/admission/failures.ts'
import { jsonPatch, type TestServer, webhookServer } from '../../testing/admission/webhook-server.ts'
import { read, startTestCluster, type TestCluster } from '../../testing/cluster.ts'
import { type Client, httpsClient } from '../../testing/https-client.ts'

const HOST = '127.0.0.1'
const NAMESPACE = 'tests'

let ca: Authority
let cluster: TestCluster
let client: Client
beforeAll(async () => {
  ca = await authority('proa test authority')
  cluster = await startTestCluster({ nodes: [] })
  client = httpsClient(cluster)
  await cluster.put(namespace(NAMESPACE))
})
afterAll(async () => {
  client.close()
  await cluster.stop()
})

function hook(url: string, resource: string): JsonObject {
  return webhookConfiguration('hooks', [
    {
      name: 'hook.proa.test',
      clientConfig: { url, caBundle: Buffer.from(ca.pem).toString('base64') },
      admissionReviewVersions: ['v1'],
      sideEffects: 'None',
      rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: [resource], operations: ['CREATE', 'UPDATE'] }],
    },
  ])
}

async function withHook<T>(server: TestServer, resource: string, run: () => Promise<T>): Promise<T> {
  await cluster.put(hook(`https://${HOST}:${server.port}/`, resource))
  try {
    return await run()
  } finally {
    await cluster.api.delete({ ...HOOKS, name: 'hooks', namespace: '' })
    await server.close()
  }
}

const HOOKS = { apiVersion: 'admissionregistration.k8s.io/v1', kind: 'MutatingWebhookConfiguration' }

describe('an object as a webhook’s patch leaves it is answered like by a real API server', () => {
  const recorded = JSON.parse(
    readFileSync(new URL('../../testing/admission/recorded.json', import.meta.url), 'utf8'),
  ) as Record<string, JsonObject>
  const names = [
    'a patch that makes a wrong type',
    'a patch that makes a number where text belongs',
    'a patch that makes an invalid object',
    'a patch that changes the kind',
    'a patch that changes the name',
    'a patch that changes the namespace',
    'a patch without a value',
  ].map((name) => `answered with ${name}`)

  it.each(FAILURES.filter(({ name }) => names.includes(name)))('$name', async ({ name, build }) => {
    // The certificate of the failure is for a Service; here its answer counts.
    const failing: Built = await build({ namespace: NAMESPACE, host: HOST, ca })
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'hook', namespace: NAMESPACE } }
    const slice = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice' }
    const port = failing.server?.port ?? 0
    await cluster.put(
      { ...service, spec: { ports: [{ port: 443, targetPort: port }] } },
      {
        ...slice,
        metadata: { name: 'hook', namespace: NAMESPACE, labels: { 'kubernetes.io/service-name': 'hook' } },
        addressType: 'IPv4',
        endpoints: [{ addresses: [HOST] }],
        ports: [{ name: '', port, protocol: 'TCP' }],
      },
      webhookConfiguration('hooks', [
        {
          name: 'hook.proa.test',
          clientConfig: {
            service: { name: 'hook', namespace: NAMESPACE, path: '/inject' },
            caBundle: Buffer.from(ca.pem).toString('base64'),
          },
          admissionReviewVersions: ['v1'],
          sideEffects: 'None',
          rules: [{ apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'], operations: ['CREATE'] }],
        },
      ]),
    )
    try {
      const metadata = { name: 'object', namespace: NAMESPACE, finalizers: ['x.y/z'] }
      const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { list: 'a' } }
      const answer = await client.send('POST', `/api/v1/namespaces/${NAMESPACE}/configmaps?dryRun=All`, object)
      const { code, ...expected } = recorded[name] ?? {}
      expect(answer.code).toBe(code)
      expect(answer.body).toMatchObject(expected)
    } finally {
      await cluster.api.delete({ ...HOOKS, name: 'hooks', namespace: '' })
      await cluster.api.delete({ apiVersion: 'v1', kind: 'Service', name: 'hook', namespace: NAMESPACE })
      await cluster.api.delete({ ...slice, name: 'hook', namespace: NAMESPACE })
      await cluster.quiet()
      await failing.server?.close()
    }
  })
})

describe('what is owned by nobody', () => {
  /** Every path of a manager's fields, as `f:spec/f:replicas`. */
  const owned = (object: unknown): readonly string[] => {
    const entries = read(object as JsonObject, 'metadata.managedFields') as unknown as readonly JsonObject[]
    return entries.flatMap(({ manager, fieldsV1 }) => paths(fieldsV1).map((path) => `${String(manager)} ${path}`))
  }
  const paths = (value: unknown, path = ''): readonly string[] =>
    isObject(value as JsonObject) && Object.keys(value as JsonObject).length > 0
      ? Object.entries(value as JsonObject).flatMap(([key, item]) => paths(item, `${path}/${key}`))
      : [path]
  const labelling = async (): Promise<TestServer> => {
    const certificate = await serverCertificate(ca, { addresses: [HOST] })
    const label = { op: 'add', path: '/metadata/labels', value: { injected: 'yes' } }
    return webhookServer(certificate, ({ answer }) => answer(jsonPatch(label)))
  }
  const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'owned' }, data: { a: '1' } }
  const path = '/api/v1/namespaces/default/configmaps'

  it('is what a webhook adds to a new object', async () => {
    const { body } = await withHook(await labelling(), 'configmaps', () => client.send('POST', path, configMap))
    expect(read(body, 'metadata.labels')).toEqual({ injected: 'yes' })
    expect(owned(body)).toEqual(['test /f:data/.', 'test /f:data/f:a'])
  })

  it('is what a webhook adds to a change or an applied object', async () => {
    await withHook(await labelling(), 'configmaps', async () => {
      const patched = await client.send(
        'PATCH',
        `${path}/owned?fieldManager=patcher`,
        { data: { b: '2' }, metadata: { labels: null } },
        { 'content-type': 'application/merge-patch+json' },
      )
      expect(owned(patched.body)).toEqual(['patcher /f:data/f:b', 'test /f:data/.', 'test /f:data/f:a'])
      const applied = await client.send(
        'PATCH',
        `${path}/applied?fieldManager=applier`,
        { ...configMap, metadata: { name: 'applied' } },
        { 'content-type': 'application/apply-patch+yaml' },
      )
      expect(applied.code).toBe(201)
      expect(read(applied.body, 'metadata.labels')).toEqual({ injected: 'yes' })
      expect(owned(applied.body)).toEqual(['applier /f:data/f:a'])
    })
  })

  it('is what the server gives: addresses, uids in selectors, finalizers', async () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 's' }, spec: { ports: [{ port: 80 }] } }
    const created = await client.send('POST', '/api/v1/namespaces/default/services', service)
    expect(owned(created.body).filter((one) => /clusterIP|ipFamil/.test(one))).toEqual([])
    const made = await client.send('POST', '/api/v1/namespaces', { metadata: { name: 'fresh' } })
    expect(owned(made.body)).toEqual([
      'test /f:metadata/f:labels/.',
      'test /f:metadata/f:labels/f:kubernetes.io/metadata.name',
    ])
  })

  it('stays so: the same write again is no write', async () => {
    const found = await client.send('GET', `${path}/owned`)
    cluster.clock.advance(60_000)
    const again = await client.send('PUT', `${path}/owned`, found.body)
    expect(read(again.body, 'metadata.resourceVersion')).toBe(read(found.body, 'metadata.resourceVersion'))
  })

  it('cannot be broken: entries that a webhook makes unreadable are those from before', async () => {
    const certificate = await serverCertificate(ca, { addresses: [HOST] })
    const broken = { op: 'add', path: '/metadata/managedFields', value: [{ manager: 'x', operation: 'Odd' }] }
    const server = await webhookServer(certificate, ({ answer }) => answer(jsonPatch(broken)))
    const answer = await withHook(server, 'configmaps', () =>
      client.send('POST', path, { ...configMap, metadata: { name: 'broken' } }),
    )
    expect(owned(answer.body)).toEqual(['test /f:data/.', 'test /f:data/f:a'])
    expect(answer.warnings.join()).toMatch(/managedFields was in an invalid state after admission/)
  })
})
