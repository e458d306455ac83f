import type { X509Certificate } from 'node:crypto'
import { connect as connectTcp, type Socket } from 'node:net'
import { connect as connectTls, rootCertificates, type TLSSocket } from 'node:tls'
import type { AdmissionDeps } from '../deps.ts'
import { resolveEndpoint } from './endpoint.ts'
import {
  CallError,
  connectionProblem,
  dialProblem,
  hostPort,
  isNotTls,
  malformedAnswer,
  messageOf,
  type Peer,
} from './go-errors.ts'
import { proxyFor } from './no-proxy.ts'
import type { WebhookTarget } from './target.ts'
import { distrust, readCertificates } from './trust.ts'

/** Opens connections to one webhook: service, proxy, TCP, TLS, trust. */
export interface Dialler {
  /** Rejects with CallError. The connection is closed when the signal is aborted before it stands. */
  dial(signal: AbortSignal): Promise<TLSSocket>
}

export function createDialler(target: WebhookTarget, deps: AdmissionDeps): Dialler {
  const roots = readRoots(target.caBundle)
  return {
    async dial(signal) {
      const { socket, peer } = await openTcp(target, deps, signal)
      const endpoint = { ...peer, local: hostPort(socket.localAddress ?? '', socket.localPort ?? 0) }
      try {
        const secured = await secure(socket, target.serverName, signal)
        const problem = distrust(chainOf(secured), {
          roots,
          serverName: target.serverName,
          now: deps.now?.() ?? Date.now(),
        })
        if (problem === undefined) return secured
        secured.destroy()
        throw new CallError(`tls: failed to verify certificate: ${problem}`)
      } catch (error) {
        socket.destroy()
        if (error instanceof CallError) throw error
        const plain = isNotTls(error) && (await speaksHttp(target, deps, signal))
        throw new CallError(
          plain ? 'http: server gave HTTP response to HTTPS client' : connectionProblem(error, endpoint),
        )
      }
    },
  }
}

/** The API server reads the bundle when it makes the client, before it connects. */
function readRoots(caBundle: string): readonly X509Certificate[] {
  if (caBundle === '') return readCertificates(rootCertificates.join('\n')) ?? []
  const roots = readCertificates(caBundle)
  if (roots === undefined) throw new CallError('unable to load root certificates: unable to parse bytes as PEM block')
  return roots
}

interface Opened {
  readonly socket: Socket
  readonly peer: Peer
}

async function openTcp(target: WebhookTarget, deps: AdmissionDeps, signal: AbortSignal): Promise<Opened> {
  const proxy = proxyFor(deps.proxy, target.host, target.port)
  if (proxy !== undefined) return throughProxy(proxy, target, signal)
  const peer = target.service === undefined ? target : endpointOf(target.service, deps)
  const address = deps.network.resolve(peer.host, peer.port)
  // A Pod's address at which nothing listens.
  if (address === undefined) throw new CallError(dialProblem({ code: 'ECONNREFUSED' }, peer))
  try {
    return { socket: await tcp(address.host, address.port, signal), peer }
  } catch (error) {
    const moved = address.host !== peer.host || address.port !== peer.port
    throw new CallError(dialProblem(moved ? { code: codeOnly(error) } : error, peer))
  }
}

function codeOnly(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined
}

function endpointOf(service: NonNullable<WebhookTarget['service']>, deps: AdmissionDeps): Peer {
  try {
    return resolveEndpoint(deps.objects, service, deps.random ?? Math.random)
  } catch (error) {
    throw new CallError(messageOf(error))
  }
}

/** Ends what waits for the socket when time is up. Returns what ends the watch. */
function destroyOnAbort(socket: Socket, signal: AbortSignal): () => void {
  const abort = () => void socket.destroy(new CallError('context deadline exceeded'))
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  return () => signal.removeEventListener('abort', abort)
}

function tcp(host: string, port: number, signal: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connectTcp({ host, port, noDelay: true })
    const release = destroyOnAbort(socket, signal)
    const end = (settle: () => void) => {
      release()
      settle()
    }
    // Stays for good: an error without a listener would end the process.
    socket.on('error', (error) => end(() => reject(error)))
    socket.once('connect', () => end(() => resolve(socket)))
  })
}

const DEFAULT_PORTS = new Map([
  ['http:', 80],
  ['https:', 443],
])

/** CONNECT, as Go's HTTP client does it. What fails on the way to the proxy is `proxyconnect`. */
async function throughProxy(proxy: URL, target: WebhookTarget, signal: AbortSignal): Promise<Opened> {
  const peer = {
    host: proxy.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: proxy.port === '' ? (DEFAULT_PORTS.get(proxy.protocol) ?? 80) : Number(proxy.port),
  }
  let socket: Socket
  try {
    socket = await tcp(peer.host, peer.port, signal)
    if (proxy.protocol === 'https:') socket = await toSecureProxy(socket, peer.host, signal)
  } catch (error) {
    throw new CallError(`proxyconnect tcp: ${error instanceof CallError ? error.message : dialProblem(error, peer)}`)
  }
  const status = await askForTunnel(socket, connectRequest(proxy, target), peer, signal)
  if (status === '200' || status.startsWith('200 ')) return { socket, peer }
  socket.destroy()
  const text = status.slice(status.indexOf(' ') + 1)
  throw new CallError(status.includes(' ') ? text : 'unknown status code')
}

async function toSecureProxy(socket: Socket, host: string, signal: AbortSignal): Promise<Socket> {
  const secured = await secure(socket, host, signal)
  const roots = readCertificates(rootCertificates.join('\n')) ?? []
  const problem = distrust(chainOf(secured), { roots, serverName: host, now: Date.now() })
  if (problem === undefined) return secured
  secured.destroy()
  throw new CallError(`tls: failed to verify certificate: ${problem}`)
}

function connectRequest(proxy: URL, target: WebhookTarget): string {
  const address = hostPort(target.host, target.port)
  const user = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`
  const authorization = user === ':' ? '' : `Proxy-Authorization: Basic ${Buffer.from(user).toString('base64')}\r\n`
  return `CONNECT ${address} HTTP/1.1\r\nHost: ${address}\r\nUser-Agent: Go-http-client/1.1\r\n${authorization}\r\n`
}

/** More than any proxy's headers. */
const MAX_PROXY_ANSWER = 64 * 1024

/** The status of the proxy's answer: `200 Connection established`. */
function askForTunnel(socket: Socket, request: string, peer: Peer, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = ''
    const release = destroyOnAbort(socket, signal)
    const end = (settle: () => void) => {
      release()
      socket.off('data', onData).off('error', onError).off('close', onClose)
      settle()
    }
    const onData = (chunk: Buffer) => {
      answer += chunk.toString('latin1')
      if (!answer.includes('\r\n\r\n') && answer.length < MAX_PROXY_ANSWER) return
      socket.pause()
      const [line = ''] = answer.split('\r\n', 1)
      const status = /^HTTP\/1\.[01] +(\d{3}(?: .*)?)$/.exec(line)?.[1]
      if (status === undefined) end(() => reject(new CallError(malformedAnswer(line))))
      else end(() => resolve(status))
    }
    const onError = (error: Error) => {
      end(() => reject(error instanceof CallError ? error : new CallError(connectionProblem(error, peer))))
    }
    const onClose = () => end(() => reject(new CallError('unexpected EOF')))
    socket.on('data', onData).on('error', onError).on('close', onClose)
    socket.write(request)
  })
}

/** Go's client gives up a handshake after this. */
const HANDSHAKE_MILLISECONDS = 10_000

function secure(socket: Socket, serverName: string, signal: AbortSignal): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    // Node's own verdict is not Go's, so `distrust` judges the chain instead; nothing is sent before it has.
    const secured = connectTls({
      socket,
      ...(/^[\d.]+$|:/.test(serverName) ? {} : { servername: serverName }),
      ALPNProtocols: ['http/1.1'],
      minVersion: 'TLSv1.2',
      rejectUnauthorized: false,
    })
    const release = destroyOnAbort(secured, signal)
    const late = setTimeout(
      () => secured.destroy(new CallError('net/http: TLS handshake timeout')),
      HANDSHAKE_MILLISECONDS,
    )
    const end = (settle: () => void) => {
      clearTimeout(late)
      release()
      secured.off('close', onClose)
      settle()
    }
    const onError = (error: Error) => end(() => reject(error))
    const onClose = () => end(() => reject(new CallError('EOF')))
    secured.on('error', onError).on('close', onClose)
    secured.once('secureConnect', () => end(() => resolve(secured)))
  })
}

/** What the server sent, its own certificate first. */
function chainOf(socket: TLSSocket): readonly X509Certificate[] {
  const chain: X509Certificate[] = []
  const seen = new Set<string>()
  let certificate = socket.getPeerX509Certificate()
  while (certificate !== undefined && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256)
    chain.push(certificate)
    certificate = certificate.issuerCertificate
  }
  return chain
}

/** Go looks at the first bytes that came instead of TLS; Node does not show them, so they are asked for once more. */
async function speaksHttp(target: WebhookTarget, deps: AdmissionDeps, signal: AbortSignal): Promise<boolean> {
  let socket: Socket | undefined
  try {
    socket = (await openTcp(target, deps, signal)).socket
    return (await firstBytes(socket, signal)).startsWith('HTTP/')
  } catch {
    return false
  } finally {
    socket?.destroy()
  }
}

/** The head of a TLS record that holds no handshake: a server of plain HTTP answers it with an error. */
const NO_HANDSHAKE = Buffer.from([0x16, 0x03, 0x01, 0x00, 0x02, 0x0d, 0x0a, 0x0d, 0x0a, 0x0d, 0x0a])

function firstBytes(socket: Socket, signal: AbortSignal): Promise<string> {
  return new Promise((resolve) => {
    const release = destroyOnAbort(socket, signal)
    const end = (text: string) => {
      release()
      resolve(text)
    }
    socket.once('data', (chunk: Buffer) => end(chunk.toString('latin1')))
    socket.once('close', () => end(''))
    socket.write(NO_HANDSHAKE)
  })
}
