import {
  createServer as createHttpServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from 'node:http'
import { createServer as createHttpsServer, type Server as HttpsServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { ServingCertificate } from '../contracts.ts'
import type { HttpRefusal } from '../metrics/metrics.ts'
import type { ListenAddress } from './address.ts'
import type { InjectHandler } from './inject-handler.ts'
import { pathOf, queryOf, type Route, routeOf } from './path.ts'

/**
 * Milliseconds. The API server keeps idle connections for 90 s; a server that closes earlier can close just when a request is on its
 * way. What is sent slowly is sent by nobody that we serve.
 */
const TIMEOUTS = { keepAlive: 120_000, headers: 5_000, request: 10_000, handshake: 10_000, check: 1_000 }
/** An API server keeps some dozens of connections to a webhook. */
const MOST_CONNECTIONS = 2_000

export type StatusRoute = Exclude<Route, 'inject'>

/** What the routes beside `/inject` say. */
export interface StatusPage {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export interface ServerHandlers {
  readonly inject: InjectHandler
  readonly page: (route: StatusRoute, query: URLSearchParams) => Promise<StatusPage>
  readonly refused: (reason: HttpRefusal) => void
  /** Then clients are asked to take another connection for what comes next. */
  readonly isDraining: () => boolean
}

export interface InjectServer {
  readonly server: HttpsServer
  /** @throws Error when certificate and key do not fit or cannot be read; the old ones stay in force */
  useCertificate(certificate: ServingCertificate): void
}

/** The HTTPS server with all routes. It has no certificate until it is given one, and refuses handshakes so long. */
export function createInjectServer(handlers: ServerHandlers): InjectServer {
  const server = createHttpsServer({
    minVersion: 'TLSv1.2',
    // The API server speaks nothing else to webhooks.
    ALPNProtocols: ['http/1.1'],
    handshakeTimeout: TIMEOUTS.handshake,
    connectionsCheckingInterval: TIMEOUTS.check,
  })
  harden(server, handlers)
  server.on('tlsClientError', (error, socket) => {
    handlers.refused(refusesCertificate(error) ? 'untrusted' : 'tls')
    socket.destroy()
  })
  const handle = (request: IncomingMessage, response: ServerResponse, proceed?: () => void): void => {
    const path = pathOf(request.url ?? '/')
    // A path that cannot be decoded is counted where it was meant to go.
    const route = path === undefined ? routeOf((request.url ?? '').replace(/%.*$/, '')) : routeOf(path)
    if (route === 'inject') {
      handlers.inject(request, response, path, proceed)
      return
    }
    proceed?.()
    servePage(handlers, route, request, response)
  }
  server.on('request', (request, response) => handle(request, response))
  server.on('checkContinue', (request, response) => handle(request, response, () => response.writeContinue()))
  return {
    server,
    useCertificate({ certificate, privateKey }) {
      server.setSecureContext({ cert: certificate, key: privateKey, minVersion: 'TLSv1.2' })
    },
  }
}

/** TLS alerts of a client that does not accept our certificate: bad, revoked, expired, unknown, or of an unknown authority. */
const CERTIFICATE_ALERT = /SSL alert number (?:42|44|45|46|48)\b/

function refusesCertificate({ message }: Error): boolean {
  return CERTIFICATE_ALERT.test(message)
}

/** The plain HTTP server for a kubelet and for Prometheus. It injects nothing. */
export function createStatusServer(handlers: Omit<ServerHandlers, 'inject'>): Server {
  const server = createHttpServer({ connectionsCheckingInterval: TIMEOUTS.check })
  harden(server, handlers)
  server.on('request', (request, response) => {
    const path = pathOf(request.url ?? '/')
    const route = path === undefined ? undefined : routeOf(path)
    servePage(handlers, route === 'inject' ? undefined : route, request, response)
  })
  return server
}

function harden(server: Server | HttpsServer, { refused }: Pick<ServerHandlers, 'refused'>): void {
  server.keepAliveTimeout = TIMEOUTS.keepAlive
  server.headersTimeout = TIMEOUTS.headers
  server.requestTimeout = TIMEOUTS.request
  server.maxConnections = MOST_CONNECTIONS
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const status = CLIENT_ERRORS[error.code ?? ''] ?? 400
    if (error.code !== 'ECONNRESET') refused(status === 408 ? 'timeout' : 'malformed')
    closeWith(socket as Socket, status)
  })
  server.on('checkExpectation', (_request: IncomingMessage, response: ServerResponse) => {
    refused('malformed')
    response.writeHead(417, { Connection: 'close' }).end()
  })
}

const CLIENT_ERRORS: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
}

function closeWith(socket: Socket, status: number): void {
  if (!socket.writable) {
    socket.destroy()
    return
  }
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

function servePage(
  { page, refused, isDraining }: Pick<ServerHandlers, 'page' | 'refused' | 'isDraining'>,
  route: StatusRoute | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  request.resume()
  const send = ({ status, contentType, body }: StatusPage): void => {
    if (response.destroyed) return
    if (isDraining()) response.shouldKeepAlive = false
    response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': Buffer.byteLength(body) })
    response.end(body)
  }
  if (route === undefined) {
    refused('not-found')
    send(textPage(404, 'there is nothing here; reviews go to /inject'))
  } else if (request.method !== 'GET' && request.method !== 'HEAD') {
    send(textPage(405, `${route} is read with GET`))
  } else {
    page(route, queryOf(request.url ?? '')).then(send, () => send(textPage(500, `${route} failed`)))
  }
}

export function textPage(status: number, text: string): StatusPage {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` }
}

/** Rejects with the system's error when the address is taken or not ours. */
export function listen(server: Server | HttpsServer, { host, port }: ListenAddress): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen({ port, ...(host === undefined ? {} : { host }) }, () => {
      server.removeListener('error', reject)
      resolve(server.address() as AddressInfo)
    })
  })
}
