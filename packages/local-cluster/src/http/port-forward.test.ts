import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Server } from 'node:net'
import { type JsonObject, parseYaml } from '@proa/kube'
import { describe, expect, it, onTestFinished } from 'vitest'
import { WebSocket } from 'ws'
import { container, read, startTestCluster, type TestCluster } from '../../testing/cluster.ts'
import { type Client, httpsClient } from '../../testing/https-client.ts'

const POD: JsonObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web' },
  spec: { containers: [container('web')] },
}
const PATH = '/api/v1/namespaces/default/pods/web/portforward'

async function withPod(): Promise<{ cluster: TestCluster; client: Client; address: string }> {
  const cluster = await startTestCluster()
  onTestFinished(() => cluster.stop())
  await cluster.put(POD)
  const client = httpsClient(cluster)
  onTestFinished(() => client.close())
  return { cluster, client, address: String(read(cluster.get('v1/Pod/web'), 'status.podIP')) }
}

async function listening(server: Server): Promise<{ host: string; port: number }> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port }
}

/** Every message that comes, as `channel: text`, the ports of the beginning as `channel: #port`. */
function open(
  cluster: TestCluster,
  query: string,
): { socket: WebSocket; messages: string[]; closed: Promise<unknown> } {
  const user = kubeconfigUser(cluster.kubeconfig)
  const socket = new WebSocket(`${cluster.url.replace('https', 'wss')}${PATH}?${query}`, ['v4.channel.k8s.io'], {
    ca: cluster.ca,
    cert: Buffer.from(user['client-certificate-data'] ?? '', 'base64'),
    key: Buffer.from(user['client-key-data'] ?? '', 'base64'),
  })
  const messages: string[] = []
  const begun = new Set<number>()
  socket.on('message', (raw: Buffer) => {
    const channel = raw[0] ?? -1
    messages.push(begun.has(channel) ? `${channel}: ${raw.subarray(1)}` : `${channel}: #${raw.readUInt16LE(1)}`)
    begun.add(channel)
  })
  return { socket, messages, closed: once(socket, 'close') }
}

function kubeconfigUser(kubeconfig: string): Readonly<Record<string, string>> {
  const [user] = (parseYaml(kubeconfig) as unknown as { users: { user: Record<string, string> }[] }).users
  return user?.user ?? {}
}

describe('pods/portforward', () => {
  it('carries bytes to where the Pod really listens, and back', async () => {
    const { cluster, address } = await withPod()
    const echo = await listening(createServer((socket) => socket.pipe(socket)))
    cluster.network.listen(address, 8080, echo)
    const { socket, messages, closed } = open(cluster, 'ports=8080')
    await once(socket, 'open')
    socket.send(Buffer.from('\0hello'))
    while (messages.length < 3) await once(socket, 'message')
    expect(messages).toEqual(['0: #8080', '1: #8080', '0: hello'])
    socket.close()
    await closed
  })

  it('says in the error channel that nothing listens, and ends with the last port', async () => {
    const { cluster } = await withPod()
    const { messages, closed } = open(cluster, 'ports=9090')
    await closed
    expect(messages).toEqual([
      '0: #9090',
      '1: #9090',
      '1: error forwarding port 9090 to pod web_default: failed to connect to localhost:9090: connect: connection refused',
    ])
  })

  it.each<[string, string]>([
    ['', 'query parameter "ports" is required'],
    ['?ports=0', 'port "0" must be > 0 and <= 65535'],
    ['?ports=80,x', 'port "x" must be > 0 and <= 65535'],
  ])('a WebSocket with %s is refused', async (query, message) => {
    const { client } = await withPod()
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Protocol': 'v4.channel.k8s.io' }
    expect((await client.send('GET', PATH + query, null, headers)).body).toMatchObject({ code: 400, message })
  })

  it('needs the rights to get and to create, as since 1.35', async () => {
    const { cluster, client } = await withPod()
    const rule = (verbs: string[]): JsonObject => ({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'forward' },
      rules: [{ apiGroups: [''], resources: ['pods/portforward'], verbs }],
    })
    await cluster.put(rule(['get']), {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'forward' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'forward' },
      subjects: [{ kind: 'User', name: 'jane', apiGroup: 'rbac.authorization.k8s.io' }],
    })
    const asJane = { 'Impersonate-User': 'jane' }
    const ask = async (method: string) => (await client.send(method, `${PATH}?ports=80`, null, asJane)).body
    expect(await ask('GET')).toMatchObject({ code: 403, message: 'pods "web" is forbidden: ' })
    expect(await ask('POST')).toMatchObject({ code: 403 })
    await cluster.change('rbac.authorization.k8s.io/v1/Role/forward', (role) => ({
      ...role,
      rules: rule(['get', 'create']).rules ?? [],
    }))
    expect(await ask('GET')).toMatchObject({ code: 400, message: 'Upgrade request required' })
  })

  it('what else wants another protocol is answered as usual', async () => {
    const { client } = await withPod()
    const upgrade = { Connection: 'Upgrade', Upgrade: 'SPDY/3.1' }
    expect((await client.send('POST', `${PATH}?ports=80`, null, upgrade)).body).toMatchObject({
      code: 501,
      message:
        'pods/portforward is served as a WebSocket of v4.channel.k8s.io only, not with SPDY as kubectl asks for it',
    })
    expect((await client.send('GET', '/version', null, { ...upgrade, Upgrade: 'h2c' })).code).toBe(200)
  })

  it('does not keep the cluster from stopping', async () => {
    const { cluster, address } = await withPod()
    cluster.network.listen(address, 8080, await listening(createServer()))
    const { socket, closed } = open(cluster, 'ports=8080')
    await once(socket, 'message')
    await cluster.stop()
    await closed
  })
})
