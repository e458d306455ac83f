import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import type { JsonObject } from '@proa/kube'
import { type LocalCluster, startLocalCluster } from '@proa/local-cluster'
import { describe, expect, it, onTestFinished } from 'vitest'
import { answer, scriptedServer, statusOf } from '../../testing/scripted-server.ts'
import { ConnectionError, createClient, type KubeClient, loadKubeConfig, StatusError } from '../index.ts'

const POD: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'default' },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
}
const TO = { namespace: 'default', name: 'web', port: 8080 }

async function withPod(): Promise<{ cluster: LocalCluster; client: KubeClient; address: string }> {
  const cluster = await startLocalCluster()
  onTestFinished(() => cluster.stop())
  const client = createClient(await loadKubeConfig({ text: cluster.kubeconfig, env: {} }))
  onTestFinished(() => client.close())
  await client.create(POD)
  await cluster.quiet()
  const { status } = await client.get({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web' })
  return { cluster, client, address: String((status as JsonObject).podIP) }
}

/** Answers each connection by writing back what it gets. */
async function echo(): Promise<{ host: string; port: number }> {
  const server = createServer((socket) => socket.pipe(socket))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

describe('portForward', () => {
  it('is a stream to the port of the Pod; more than a buffer goes both ways', async () => {
    const { cluster, client, address } = await withPod()
    cluster.network.listen(address, 8080, await echo())
    const stream = await client.portForward(TO)
    const sent = Buffer.alloc(3_000_000, 'proa!')
    stream.write(sent)
    const parts: Buffer[] = []
    let length = 0
    for await (const part of stream) {
      parts.push(part as Buffer)
      length += (part as Buffer).length
      if (length >= sent.length) break
    }
    expect(Buffer.concat(parts).equals(sent)).toBe(true)
  })

  it('ends when the Pod ends the connection', async () => {
    const { cluster, client, address } = await withPod()
    const server = createServer((socket) => socket.end('bye'))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    onTestFinished(() => void server.close())
    cluster.network.listen(address, 8080, { host: '127.0.0.1', port: (server.address() as AddressInfo).port })
    const parts = await (await client.portForward(TO)).toArray()
    expect(Buffer.concat(parts).toString()).toBe('bye')
  })

  it('fails with what the kubelet says when nothing listens', async () => {
    const { client } = await withPod()
    const stream = await client.portForward(TO)
    await expect(stream.toArray()).rejects.toThrow(
      /^default\/web:8080: error forwarding port 8080 .* connection refused$/,
    )
  })

  it('is refused in the words of the API server', async () => {
    const { client } = await withPod()
    const refusal = client.portForward({ ...TO, name: 'nobody' })
    await expect(refusal).rejects.toThrow('pods "nobody" not found')
    await expect(refusal).rejects.toBeInstanceOf(StatusError)
    await expect(client.portForward({ ...TO, port: 0 })).rejects.toThrow(/answered 400/)
  })

  it('is ended by its signal and with the client', async () => {
    const { cluster, client, address } = await withPod()
    cluster.network.listen(address, 8080, await echo())
    const ending = new AbortController()
    const [one, other] = [await client.portForward(TO, { signal: ending.signal }), await client.portForward(TO)]
    ending.abort()
    await expect(one.toArray()).rejects.toBeInstanceOf(ConnectionError)
    client.close()
    await expect(other.toArray()).rejects.toBeInstanceOf(ConnectionError)
    await expect(client.portForward(TO, { signal: ending.signal })).rejects.toBeInstanceOf(ConnectionError)
  })

  it('is given up at once, however long the API server thinks about it', async () => {
    const asked = Promise.withResolvers<void>()
    const server = await scriptedServer(() => asked.resolve())
    onTestFinished(() => server.close())
    const giveUp = new AbortController()
    const waiting = (await server.client()).portForward(TO, { signal: giveUp.signal, timeout: 60_000 })
    await asked.promise
    giveUp.abort()
    await expect(waiting).rejects.toThrow('was given up')
  })

  it('says so when the API server cannot be reached, or does not answer', async () => {
    const server = await scriptedServer(() => undefined)
    onTestFinished(() => server.close())
    const client = await server.client()
    const silent = client.portForward(TO, { timeout: 50 })
    await expect(silent).rejects.toMatchObject({ name: 'ConnectionError', timedOut: true })
    await server.close()
    const gone = createClient(await loadKubeConfig({ text: server.kubeconfig(), env: {} }))
    await expect(gone.portForward(TO)).rejects.toThrow(/cannot reach the API server .*nothing listens there/)
  })
})

describe('text and time', () => {
  it('an answer that is no JSON is read as it is', async () => {
    const server = await scriptedServer(({ path, query }, response) => {
      if (path.endsWith('/log')) response.end(`${query.get('container')}: line\n`)
      else answer(response, 403, statusOf(403, 'Forbidden', 'no'))
    })
    onTestFinished(() => server.close())
    const client = await server.client()
    expect(await client.text('/api/v1/namespaces/x/pods/y/log', { container: 'z', previous: undefined })).toBe(
      'z: line\n',
    )
    await expect(client.text('/other')).rejects.toThrow('no')
  })

  it('a request may have a time of its own', async () => {
    const server = await scriptedServer(() => undefined)
    onTestFinished(() => server.close())
    const client = await server.client()
    const list = client.list({ apiVersion: 'v1', kind: 'Pod' }, { timeout: 50 })
    await expect(list).rejects.toMatchObject({ name: 'ConnectionError', timedOut: true })
    const ending = new AbortController()
    const given = client.list({ apiVersion: 'v1', kind: 'Pod' }, { signal: ending.signal })
    ending.abort()
    await expect(given).rejects.toMatchObject({ name: 'ConnectionError', timedOut: false })
  })
})
