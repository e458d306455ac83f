import type { Duplex } from 'node:stream'
import type { ClusterConnection } from '../config/load.ts'
import { ConnectionError, StatusError } from '../errors.ts'
import { codeOf, connectionProblem } from '../http/connection-problem.ts'
import type { PodPort, WaitOptions } from '../types.ts'
import { type PortStream, portStream } from './port-stream.ts'

export interface PortForwardRequest {
  readonly connection: ClusterConnection
  readonly to: PodPort
  /** Milliseconds until the API server must have agreed. */
  readonly timeout: number
  /** End the connection, before and after it is made. */
  readonly signals: readonly AbortSignal[]
  /** The refusal of a plain request to the path: a WebSocket's has no words. */
  readonly ask: (path: string, wait: WaitOptions) => Promise<unknown>
}

/** Connects to a Pod's port by `pods/portforward` over a WebSocket (protocol `v4.channel.k8s.io`). */
export async function portForward(request: PortForwardRequest): Promise<Duplex> {
  const { connection, to, timeout, signals } = request
  const path = `/api/v1/namespaces/${encodeURIComponent(to.namespace)}/pods/${encodeURIComponent(to.name)}/portforward?ports=${to.port}`
  const port = portStream(`${to.namespace}/${to.name}:${to.port}`)
  const end = (): void => {
    port.stream.destroy(new ConnectionError(`the connection to ${connection.server} was given up`))
  }
  for (const signal of signals) signal.addEventListener('abort', end, { once: true })
  const { promise: closed, resolve: close } = Promise.withResolvers<void>()
  port.stream.once('close', () => {
    for (const signal of signals) signal.removeEventListener('abort', end)
    close()
  })
  // Nobody listens yet; the error is told by this function.
  port.stream.once('error', () => undefined)
  try {
    if (signals.some((signal) => signal.aborted)) end()
    // Who gives up need not wait for the answer; a connection that comes after that is ended at once.
    else await Promise.race([open(connection, path, timeout, port), closed])
  } catch (error) {
    port.stream.destroy()
    throw await explained(request, path, error)
  }
  if (port.stream.errored !== null && port.stream.errored !== undefined) throw port.stream.errored
  return port.stream
}

async function open(connection: ClusterConnection, path: string, timeout: number, port: PortStream): Promise<void> {
  const { WebSocketHandler } = await import('./official-websocket.ts')
  const { headers, agent, tls } = await connection.access()
  // The library asks its KubeConfig for these two things; ours knows them already.
  const config = {
    getCurrentCluster: () => ({ server: connection.server }),
    applyToHTTPSOptions: async (options: object) => {
      Object.assign(options, { headers, agent, ...tls, handshakeTimeout: timeout })
    },
  }
  const unused = { stdin: port.stream, stdout: port.stream, stderr: port.stream }
  const handler = new WebSocketHandler(config as never, undefined, unused as never)
  const socket = await handler.connect(path, null, (channel, bytes) => {
    port.receive(channel, bytes)
    return true
  })
  port.attach(socket as never)
}

/** What the API server says against it, in its own words. */
async function explained(
  { connection, ask, timeout }: PortForwardRequest,
  path: string,
  error: unknown,
): Promise<Error> {
  const cause = (error as { error?: unknown }).error ?? error
  const message = cause instanceof Error ? cause.message : String((error as { message?: unknown }).message ?? error)
  if (/handshake has timed out/i.test(message)) {
    const said = `the API server ${connection.server} gave no answer within ${timeout / 1000} s`
    return new ConnectionError(said, { cause, timedOut: true })
  }
  const code = Number(/server response: (\d{3})/.exec(message)?.[1] ?? 0)
  if (code === 0) return connectionProblem(connection.server, codeOf(cause) === '' ? new Error(message) : cause)
  const refusal = await ask(path, { timeout }).catch((reason: unknown) => reason)
  // Whoever may open it is told that a plain request is none for this path.
  if (refusal instanceof StatusError && refusal.code === code && !/^upgrade/i.test(refusal.message)) return refusal
  const said = `the API server answered ${code} to pods/portforward`
  return new StatusError(said, code, 'Unknown', { apiVersion: 'v1', kind: 'Status', message: said, code })
}
