import { type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** What is needed to speak another protocol over the connection of a request. */
export interface Upgrade {
  readonly socket: Duplex
  /** What the client sent already. */
  readonly head: Buffer
}

type UpgradeHandler = (request: IncomingMessage, response: ServerResponse, upgrade: Upgrade) => void

/** Node leaves these out when it ends the connections of a server. */
const upgraded = new WeakMap<object, Set<Duplex>>()

/**
 * Requests that ask for another protocol are handled like all others, with the means to give it to them; who does not take
 * them answers as usual, and the connection ends.
 */
export function onUpgrade(server: Server, handle: UpgradeHandler): void {
  const open = new Set<Duplex>()
  upgraded.set(server, open)
  server.on('upgrade', (request, socket, head) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
    const response = new ServerResponse(request)
    response.assignSocket(socket as Socket)
    response.shouldKeepAlive = false
    response.once('finish', () => socket.end())
    handle(request, response, { socket, head })
  })
}

export function closeUpgraded(server: object): void {
  for (const socket of upgraded.get(server) ?? []) socket.destroy()
}
