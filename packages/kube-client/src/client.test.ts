import { createServer } from 'node:net'
import type { JsonObject } from '@proa/kube'
import { afterEach, describe, expect, it } from 'vitest'
import { instantTiming } from '../testing/instant-timing.ts'
import {
  answer,
  type Script,
  type ScriptedServer,
  type SeenRequest,
  scriptedServer,
  statusOf,
} from '../testing/scripted-server.ts'
import {
  type ClientOptions,
  ConnectionError,
  createClient,
  type KubeClient,
  loadKubeConfig,
  StatusError,
} from './index.ts'

const open: ScriptedServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

/** A client of a server that answers so; what was asked is kept. */
async function clientOf(
  script: Script,
  options?: ClientOptions,
): Promise<{ client: KubeClient; seen: SeenRequest[]; server: ScriptedServer }> {
  const seen: SeenRequest[] = []
  const server = await scriptedServer((request, response) => {
    seen.push(request)
    script(request, response)
  })
  open.push(server)
  return { client: await server.client(options), seen, server }
}

const POD = { apiVersion: 'v1', kind: 'Pod', namespace: 'shop', name: 'web' }
const object = (kind: JsonObject, name = 'web'): JsonObject => ({ ...kind, metadata: { name, namespace: 'shop' } })

describe('requests', () => {
  it.each([
    ['get', (client: KubeClient) => client.get(POD), 'GET', '/api/v1/namespaces/shop/pods/web', undefined],
    [
      'get of a cluster-scoped kind',
      (client: KubeClient) => client.get({ apiVersion: 'v1', kind: 'Namespace', name: 'shop' }),
      'GET',
      '/api/v1/namespaces/shop',
      undefined,
    ],
    [
      'create',
      (client: KubeClient) => client.create(object({ apiVersion: 'apps/v1', kind: 'Deployment' })),
      'POST',
      '/apis/apps/v1/namespaces/shop/deployments',
      'application/json',
    ],
    [
      'create of a token',
      (client: KubeClient) =>
        client.create(object({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest' }), {
          subresource: 'token',
        }),
      'POST',
      '/apis/authentication.k8s.io/v1/namespaces/shop/serviceaccounts/web/token',
      'application/json',
    ],
    [
      'replace of a status',
      (client: KubeClient) => client.replace(object({ apiVersion: 'v1', kind: 'Pod' }), { subresource: 'status' }),
      'PUT',
      '/api/v1/namespaces/shop/pods/web/status',
      'application/json',
    ],
    [
      'apply',
      (client: KubeClient) =>
        client.apply(object({ apiVersion: 'v1', kind: 'Pod' }), { fieldManager: 'me', force: true, dryRun: true }),
      'PATCH',
      '/api/v1/namespaces/shop/pods/web?fieldManager=me&dryRun=All&force=true',
      'application/apply-patch+yaml',
    ],
    [
      'strategic merge patch',
      (client: KubeClient) => client.patch(POD, { type: 'strategic', body: {} }),
      'PATCH',
      '/api/v1/namespaces/shop/pods/web',
      'application/strategic-merge-patch+json',
    ],
    [
      'merge patch',
      (client: KubeClient) => client.patch(POD, { type: 'merge', body: {} }),
      'PATCH',
      '/api/v1/namespaces/shop/pods/web',
      'application/merge-patch+json',
    ],
    [
      'JSON patch',
      (client: KubeClient) => client.patch(POD, { type: 'json', operations: [] }),
      'PATCH',
      '/api/v1/namespaces/shop/pods/web',
      'application/json-patch+json',
    ],
    [
      'delete',
      (client: KubeClient) => client.delete(POD, { preconditions: { uid: 'u' } }),
      'DELETE',
      '/api/v1/namespaces/shop/pods/web',
      'application/json',
    ],
    ['any other path', (client: KubeClient) => client.request('GET', '/version'), 'GET', '/version', undefined],
  ])('%s', async (_, call, method, path, contentType) => {
    const { client, seen } = await clientOf((_request, response) => answer(response, 200, {}))
    await call(client)
    const [request] = seen
    expect(request?.message.url).toBe(path)
    expect(request?.method).toBe(method)
    expect(request?.headers['content-type']).toBe(contentType)
    expect(request?.headers.authorization).toBe('Bearer secret-token')
  })

  it('keep every field, also those that no type knows', async () => {
    const odd = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { creationTimestamp: '2026-01-01T00:00:00Z' },
      spec: { newField: { a: [1, null] } },
    }
    const { client } = await clientOf((_, response) => answer(response, 200, odd))
    expect(await client.get(POD)).toEqual(odd)
  })

  it('ask the server for kinds that are not built in, once', async () => {
    const kinds = {
      resources: [
        { kind: 'Gadget', name: 'gadgets/status', namespaced: true },
        { kind: 'Gadget', name: 'gadgets', namespaced: true },
      ],
    }
    const { client, seen } = await clientOf(({ path }, response) =>
      answer(response, 200, path === '/apis/x.io/v1' ? kinds : {}),
    )
    const ref = { apiVersion: 'x.io/v1', kind: 'Gadget', namespace: 'shop', name: 'one' }
    await client.get(ref)
    await client.get(ref)
    const one = '/apis/x.io/v1/namespaces/shop/gadgets/one'
    expect(seen.map(({ path }) => path)).toEqual(['/apis/x.io/v1', one, one])
  })

  it('take a kind that the server does not have for an object that is not there', async () => {
    const { client } = await clientOf((_, response) => answer(response, 404, statusOf(404, 'NotFound', 'no')))
    const ref = { apiVersion: 'x.io/v1', kind: 'Gadget', namespace: 'shop', name: 'one' }
    expect(await client.find(ref)).toBeUndefined()
    expect(await client.delete(ref)).toBe(false)
    await expect(client.get(ref)).rejects.toThrow('the server has no kind Gadget in x.io/v1')
  })

  it('do not guess a namespace', async () => {
    const { client } = await clientOf((_, response) => answer(response, 200, {}))
    await expect(client.get({ apiVersion: 'v1', kind: 'Pod', name: 'web' })).rejects.toThrow(
      'Pod web: a namespace is needed',
    )
  })

  it('refuse names that would lead to another address', async () => {
    const { client, seen } = await clientOf((_, response) => answer(response, 200, {}))
    const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: '..' }
    await expect(client.delete(ref)).rejects.toMatchObject({ reason: 'Invalid' })
    await expect(client.list({ apiVersion: 'v1', kind: 'Pod', namespace: '..' })).rejects.toThrow('namespace ".."')
    expect(seen).toEqual([])
  })

  it('collect the warnings of the server until somebody takes them', async () => {
    const header = '299 - "unknown field \\"spec.a\\"", 299 - "v1 Endpoints is deprecated, really"'
    const { client } = await clientOf((_, response) => answer(response, 200, {}, { warning: header }))
    await client.get(POD)
    await client.get(POD)
    expect(client.takeWarnings()).toEqual(['unknown field "spec.a"', 'v1 Endpoints is deprecated, really'])
    expect(client.takeWarnings()).toEqual([])
  })
})

describe('lists', () => {
  const page = (names: readonly string[], version: string, token?: string): JsonObject => ({
    metadata: { resourceVersion: version, ...(token === undefined ? {} : { continue: token }) },
    items: names.map((name) => ({ metadata: { name } })),
  })
  const names = (items: readonly JsonObject[]): unknown[] => items.map((item) => (item.metadata as JsonObject).name)

  it('are all pages, with the kind that the server leaves out', async () => {
    const { client, seen } = await clientOf(({ query }, response) => {
      answer(response, 200, query.get('continue') === 'next' ? page(['c'], '5') : page(['a', 'b'], '5', 'next'))
    })
    const list = await client.list({ apiVersion: 'v1', kind: 'Pod', labelSelector: 'a in (b,c)' })
    expect(names(list.items)).toEqual(['a', 'b', 'c'])
    expect(list.items[0]).toMatchObject({ apiVersion: 'v1', kind: 'Pod' })
    expect(list.resourceVersion).toBe('5')
    expect(seen.map(({ query }) => query.toString())).toEqual([
      'labelSelector=a+in+%28b%2Cc%29&limit=500',
      'labelSelector=a+in+%28b%2Cc%29&limit=500&continue=next',
    ])
  })

  it('begin again, as a whole, when the server forgot them in the middle', async () => {
    const { client } = await clientOf(({ query }, response) => {
      if (query.get('continue') === 'next') answer(response, 410, statusOf(410, 'Expired', 'too old'))
      else if (query.get('limit') === null) answer(response, 200, page(['a', 'x'], '9'))
      else answer(response, 200, page(['a'], '5', 'next'))
    })
    const list = await client.list({ apiVersion: 'v1', kind: 'Pod' })
    expect(names(list.items)).toEqual(['a', 'x'])
    expect(list.resourceVersion).toBe('9')
  })
})

describe('what goes wrong', () => {
  it('is a StatusError with the words of the server', async () => {
    const { client } = await clientOf((_, response) =>
      answer(response, 403, statusOf(403, 'Forbidden', 'pods "web" is forbidden')),
    )
    const error = await client.get(POD).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(StatusError)
    expect(error).toMatchObject({ code: 403, reason: 'Forbidden', message: 'pods "web" is forbidden' })
  })

  it('is a StatusError too when something before the server answers', async () => {
    const { client } = await clientOf((_, response) => {
      response.writeHead(502, { 'content-type': 'text/html' })
      response.end('<h1>Bad Gateway</h1>')
    })
    await expect(client.get(POD)).rejects.toThrow('the API server answered 502 Bad Gateway: <h1>Bad Gateway</h1>')
  })

  it('is a ConnectionError when what answers is no API server', async () => {
    const { client } = await clientOf((_, response) => response.end('<html>'))
    await expect(client.get(POD)).rejects.toThrow(/is no API server: its answer is not JSON/)
  })

  it('is tried again when the server says when', async () => {
    const timing = instantTiming()
    let times = 0
    const { client } = await clientOf(
      (_, response) => {
        if (++times <= 2)
          answer(response, times === 1 ? 429 : 503, statusOf(429, 'TooManyRequests', 'later'), { 'retry-after': '7' })
        else answer(response, 200, {})
      },
      { timing },
    )
    await client.create(object({ apiVersion: 'v1', kind: 'Pod' }))
    expect(timing.pauses).toEqual([7000, 7000])
  })

  it('is tried again ten times at most, and not when the server says nothing', async () => {
    const timing = instantTiming()
    const { client, seen } = await clientOf(
      ({ path }, response) => {
        answer(
          response,
          503,
          statusOf(503, 'ServiceUnavailable', 'no'),
          path.endsWith('web') ? { 'retry-after': '1' } : {},
        )
      },
      { timing },
    )
    await expect(client.get(POD)).rejects.toThrow('no')
    expect(seen).toHaveLength(10)
    await expect(client.get({ ...POD, name: 'other' })).rejects.toThrow('no')
    expect(seen).toHaveLength(11)
  })

  it('a connection that breaks off is tried again for reading, never for writing', async () => {
    let times = 0
    const { client, seen } = await clientOf(({ message }, response) => {
      if (++times === 1 || message.method === 'POST') message.socket.destroy()
      else answer(response, 200, {})
    })
    await client.get(POD)
    const error = await client.create(object({ apiVersion: 'v1', kind: 'Pod' })).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(ConnectionError)
    expect(String(error)).toMatch(/cannot reach the API server https:.*: .* \(the connection broke off\)/)
    expect(seen.map(({ method }) => method)).toEqual(['GET', 'GET', 'POST'])
  })

  it('a server that says nothing is given up after the limit', async () => {
    const { client, server } = await clientOf(() => undefined, { timeout: 50 })
    await expect(client.get(POD)).rejects.toThrow(
      `the API server ${server.url} gave no answer within 0.05 s (look at VPN, firewall and proxy)`,
    )
  })

  it('a request that is under way ends when the client is closed', async () => {
    const { client } = await clientOf(() => client.close())
    await expect(client.get(POD)).rejects.toThrow(/the client of https:.* was closed/)
  })

  it('nobody listens', async () => {
    const text = (await scriptedAndClosed()).text
    const client = createClient(await loadKubeConfig({ text, env: {} }))
    await expect(client.get(POD)).rejects.toThrow(
      /ECONNREFUSED.*\(nothing listens there; is the cluster running, and is this the right context\?\)/,
    )
    client.close()
  })

  it('the certificate is of another authority', async () => {
    const { server } = await clientOf((_, response) => answer(response, 200, {}))
    const config = JSON.parse(server.kubeconfig()) as { clusters: { cluster: Record<string, unknown> }[] }
    delete config.clusters[0]?.cluster['certificate-authority-data']
    const client = createClient(await loadKubeConfig({ text: JSON.stringify(config), env: {} }))
    await expect(client.get(POD)).rejects.toThrow(/not signed by certificate-authority of the kubeconfig/)
    client.close()
  })

  it('the server does not speak TLS', async () => {
    const plain = createServer((socket) => {
      socket.on('error', () => undefined)
      socket.resume().end('HTTP/1.1 400 Bad Request\r\n\r\n')
    })
    await new Promise<void>((resolve) => plain.listen(0, '127.0.0.1', resolve))
    const { port } = plain.address() as { port: number }
    const { server } = await clientOf(() => undefined)
    const text = server.kubeconfig().replaceAll(server.url, `https://127.0.0.1:${port}`)
    const client = createClient(await loadKubeConfig({ text, env: {} }))
    await expect(client.get(POD)).rejects.toThrow(/it does not speak TLS/)
    client.close()
    await new Promise((resolve) => plain.close(resolve))
  })
})

async function scriptedAndClosed(): Promise<{ text: string }> {
  const server = await scriptedServer(() => undefined)
  const text = server.kubeconfig()
  await server.close()
  return { text }
}
