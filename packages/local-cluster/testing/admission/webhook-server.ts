import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer as createHttps } from 'node:https'
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from 'node:net'
import type { JsonObject } from '@proa/kube'
import type { ServerCertificate } from './certificates.ts'

/** A server of a test. It listens on every address, on a port of its own. */
export interface TestServer {
  readonly port: number
  /** Closes the port and every connection. */
  close(): Promise<void>
}

async function listening(server: Server, host: string): Promise<TestServer> {
  const sockets = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export function tcpServer(onConnection: (socket: Socket) => void, host = '0.0.0.0'): Promise<TestServer> {
  return listening(createTcp(onConnection), host)
}

/** One request that a webhook got, and the means to answer it. */
export interface WebhookCall {
  readonly review: JsonObject & { readonly request: JsonObject }
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** Answers with an AdmissionReview of the same version. */
  answer(response: JsonObject): void
}

export function webhookServer(
  certificate: ServerCertificate,
  onCall: (call: WebhookCall) => void,
  host = '0.0.0.0',
): Promise<TestServer> {
  const server = createHttps({ ...certificate, keepAliveTimeout: 60_000 }, async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const review = JSON.parse(Buffer.concat(chunks).toString('utf8'))
    const answer = (content: JsonObject) => {
      const { kind, apiVersion } = review
      response.setHeader('content-type', 'application/json')
      response.end(JSON.stringify({ kind, apiVersion, response: { uid: review.request.uid, ...content } }))
    }
    onCall({ review, request, response, answer })
  })
  // A client that does not like the certificate ends the handshake; that is what some tests want.
  server.on('tlsClientError', () => undefined)
  return listening(server, host)
}

export function jsonPatch(...operations: readonly JsonObject[]): JsonObject {
  const patch = Buffer.from(JSON.stringify(operations)).toString('base64')
  return { allowed: true, patch, patchType: 'JSONPatch' }
}
