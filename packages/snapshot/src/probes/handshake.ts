import { connect as connectTcp, type Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { connect as connectTls, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'

export type Handshake =
  | { readonly kind: 'served' /** PEM, leaf first. */; readonly chain: string }
  | { readonly kind: 'failed'; readonly at: 'resolve' | 'connect' | 'handshake'; readonly message: string }

export interface HandshakeOptions {
  /** The name that the server is asked for; an IP address is none. */
  readonly serverName: string
  /** Milliseconds. */
  readonly timeout: number
  readonly signal?: AbortSignal | undefined
}

/** Opens a connection to an address. @throws Error of node:net */
export async function dial(host: string, port: number, { timeout, signal }: HandshakeOptions): Promise<Socket> {
  const socket = connectTcp({ host, port, signal })
  const timer = setTimeout(() => socket.destroy(new Error(`no connection within ${timeout / 1000} s`)), timeout)
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once('connect', resolve)
      socket.once('error', reject)
    })
    return socket
  } finally {
    clearTimeout(timer)
  }
}

/** Speaks TLS over a connection, believes everything, and tells what certificates the server sent. Ends the connection. */
export async function shakeHands(over: Duplex, { serverName, timeout, signal }: HandshakeOptions): Promise<Handshake> {
  const socket = connectTls({
    socket: over,
    ...(serverName === '' ? {} : { servername: serverName }),
    // The chain is judged by the bundles of the webhooks, and is wanted most when it is wrong.
    rejectUnauthorized: false,
    // No roots of its own, or Node would complete the chain from them.
    ca: [],
    ALPNProtocols: ['h2', 'http/1.1'],
  })
  const end = (): void => void socket.destroy(new Error('given up'))
  const timer = setTimeout(() => socket.destroy(new Error(`no handshake within ${timeout / 1000} s`)), timeout)
  signal?.addEventListener('abort', end, { once: true })
  try {
    await secured(socket, over)
    return { kind: 'served', chain: chainOf(socket) }
  } catch (error) {
    return failed(error)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
    socket.destroy()
    over.destroy()
  }
}

/** A forwarded port tells by an error of its stream that nothing listens; TLS over it would only see an end. */
function secured(socket: TLSSocket, over: Duplex): Promise<void> {
  return new Promise((resolve, reject) => {
    let lost: Error | undefined
    over.once('error', (error) => {
      lost = Object.assign(error, { underneath: true })
      reject(lost)
    })
    socket.once('secureConnect', resolve)
    socket.once('error', (error) => reject(lost ?? error))
    socket.once('close', () => reject(lost ?? new Error('the connection was closed during the handshake')))
  })
}

function failed(error: unknown): Handshake {
  const { message, underneath, code } = error as Error & { underneath?: boolean; code?: string }
  const at = underneath === true && code !== 'ECONNRESET' ? 'connect' : 'handshake'
  return { kind: 'failed', at, message: message === '' ? (code ?? 'no reason given') : message }
}

/** Node links each certificate to the one that issued it; a root is its own issuer. */
function chainOf(socket: TLSSocket): string {
  const chain: string[] = []
  const seen = new Set<string>()
  let certificate: DetailedPeerCertificate | undefined = socket.getPeerCertificate(true)
  while (certificate?.raw !== undefined && !seen.has(certificate.fingerprint256)) {
    seen.add(certificate.fingerprint256)
    chain.push(pem(certificate.raw))
    certificate = certificate.issuerCertificate
  }
  return chain.join('')
}

function pem(der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/g) ?? []
  return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`
}
