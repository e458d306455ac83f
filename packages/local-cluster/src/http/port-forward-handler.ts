import type { IncomingMessage, ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { type RawData, type WebSocket, WebSocketServer } from 'ws'
import type { Call } from '../api/backend.ts'
import { badRequest } from '../api/errors.ts'
import { metaText, part } from '../api/metadata.ts'
import { getObject } from '../api/read.ts'
import { ApiError } from '../api/status.ts'
import type { Serving } from './resource-handler.ts'
import type { Upgrade } from './upgrade.ts'

/** Two channels for each port: data, then what the kubelet says against it. A message begins with the channel's number. */
const PROTOCOL = 'v4.channel.k8s.io'

interface Streaming {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly upgrade: Upgrade | undefined
}

/** `pods/portforward` over a WebSocket: to where the Pod's containers really listen. */
export async function forwardPorts(
  { backend, network }: Serving,
  call: Call,
  query: URLSearchParams,
  { request, response, upgrade }: Streaming,
): Promise<void> {
  const pod = getObject(backend, { ...call, subresource: '' })
  if (part(pod, 'spec').nodeName === undefined) throw badRequest(`pod ${call.name} does not have a host assigned`)
  if (upgrade === undefined) throw badRequest('Upgrade request required')
  if (!speaksIt(request)) {
    const said = `pods/portforward is served as a WebSocket of ${PROTOCOL} only, not with SPDY as kubectl asks for it`
    throw new ApiError(501, 'NotImplemented', said)
  }
  const ports = portsOf(query)
  const address = part(pod, 'status').podIP
  const dial = (port: number): Socket | undefined => {
    const found = typeof address === 'string' ? network.resolve(address, port) : undefined
    return found === undefined ? undefined : connect(found)
  }
  const { socket, head } = upgrade
  response.detachSocket(socket as Socket)
  const name = `${metaText(pod, 'name')}_${metaText(pod, 'namespace')}`
  WEB_SOCKETS.handleUpgrade(request, socket, head, (client) => forward(client, ports, dial, name))
}

const WEB_SOCKETS = new WebSocketServer({
  noServer: true,
  perMessageDeflate: false,
  handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
})

function speaksIt({ headers }: IncomingMessage): boolean {
  const offered = (headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim())
  return headers.upgrade?.toLowerCase() === 'websocket' && offered.includes(PROTOCOL)
}

/** `?ports=8080&ports=9090` or `?ports=8080,9090`. */
function portsOf(query: URLSearchParams): readonly number[] {
  const texts = query.getAll('ports').flatMap((one) => one.split(','))
  if (texts.length === 0) throw badRequest('query parameter "ports" is required')
  return texts.map((text) => {
    const port = /^\d+$/.test(text) ? Number(text) : 0
    if (port < 1 || port > 65_535) throw badRequest(`port ${JSON.stringify(text)} must be > 0 and <= 65535`)
    return port
  })
}

/** More than this waits for a slow client: its Pod is not read until it has gone. */
const MOST_WAITING = 1024 * 1024

function forward(
  client: WebSocket,
  ports: readonly number[],
  dial: (port: number) => Socket | undefined,
  name: string,
): void {
  const sockets = ports.map(dial)
  let open = sockets.length
  // As the kubelet: when the last port has ended, the connection has.
  const ended = (): void => {
    open -= 1
    if (open === 0) client.close()
  }
  for (const [index, socket] of sockets.entries()) {
    const port = ports[index] ?? 0
    const [data, error] = [index * 2, index * 2 + 1]
    for (const channel of [data, error]) client.send(message(channel, portBytes(port)))
    const refuse = (why: string): void => {
      const said = `error forwarding port ${port} to pod ${name}: failed to connect to localhost:${port}: ${why}`
      if (client.readyState === client.OPEN) client.send(message(error, Buffer.from(said)))
    }
    if (socket === undefined) {
      refuse('connect: connection refused')
      ended()
      continue
    }
    socket.on('data', (bytes) => send(client, socket, message(data, bytes)))
    socket.once('error', (reason) => refuse(reason.message))
    socket.once('close', ended)
  }
  client.on('message', (raw) => receive(client, sockets, raw))
  client.once('close', () => {
    for (const socket of sockets) socket?.destroy()
  })
  client.on('error', () => client.terminate())
}

function send(client: WebSocket, from: Socket, bytes: Buffer): void {
  if (client.readyState !== client.OPEN) return
  client.send(bytes, () => from.resume())
  if (client.bufferedAmount > MOST_WAITING) from.pause()
}

function receive(client: WebSocket, sockets: readonly (Socket | undefined)[], raw: RawData): void {
  const bytes = Array.isArray(raw) ? Buffer.concat(raw) : Buffer.from(raw as Buffer)
  const channel = bytes[0] ?? 0
  const socket = channel % 2 === 0 ? sockets[channel / 2] : undefined
  if (socket === undefined || socket.destroyed) return
  if (socket.write(bytes.subarray(1))) return
  client.pause()
  socket.once('drain', () => client.resume())
}

const message = (channel: number, bytes: Buffer): Buffer => Buffer.concat([Buffer.from([channel]), bytes])

function portBytes(port: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeUInt16LE(port)
  return bytes
}
