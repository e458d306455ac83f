import { getServers } from 'node:dns'
import { quoteGo } from '@proa/kube'

/** A call failed; the message is what Go's HTTP client says behind `Post "…": `. */
export class CallError extends Error {
  override readonly name = 'CallError'
}

/** Addresses of one connection, for the words of what goes wrong on it: the endpoint's, not where it really listens. */
export interface Peer {
  readonly host: string
  readonly port: number
  /** `127.0.0.1:50234`; undefined before the connection stands. */
  readonly local?: string | undefined
}

export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

const DIAL_WORDS = new Map([
  ['ECONNREFUSED', 'connect: connection refused'],
  ['EHOSTUNREACH', 'connect: no route to host'],
  ['ENETUNREACH', 'connect: network is unreachable'],
  ['ECONNRESET', 'connect: connection reset by peer'],
  ['EACCES', 'connect: permission denied'],
  ['EPERM', 'connect: operation not permitted'],
  ['ETIMEDOUT', 'connect: connection timed out'],
  ['EADDRNOTAVAIL', 'connect: cannot assign requested address'],
])

export function codeOf(error: unknown): string {
  const code: unknown = typeof error === 'object' && error !== null && 'code' in error ? error.code : ''
  return typeof code === 'string' ? code : ''
}

/** Opening a TCP connection failed. */
export function dialProblem(error: unknown, { host, port }: Peer): string {
  const code = codeOf(error)
  if (code === 'ENOTFOUND' || code === 'ENODATA') return `dial tcp: lookup ${host}${nameServer()}: no such host`
  if (code === 'EAI_AGAIN') return `dial tcp: lookup ${host}${nameServer()}: server misbehaving`
  const address = typeof error === 'object' && error !== null && 'address' in error ? String(error.address) : host
  return `dial tcp ${hostPort(address, port)}: ${DIAL_WORDS.get(code) ?? messageOf(error)}`
}

/** Go's own resolver names the server that it asked. */
function nameServer(): string {
  const [server] = getServers()
  if (server === undefined) return ''
  return ` on ${/:\d+$/.test(server) && !/^[0-9a-f:]+$/i.test(server) ? server : hostPort(server, 53)}`
}

/** An open connection broke while something was read from it or written to it. */
export function connectionProblem(error: unknown, peer: Peer): string {
  const code = codeOf(error)
  const ends =
    peer.local === undefined ? hostPort(peer.host, peer.port) : `${peer.local}->${hostPort(peer.host, peer.port)}`
  if (code === 'ECONNRESET' && !isHangUp(error)) return `read tcp ${ends}: read: connection reset by peer`
  if (code === 'EPIPE') return `write tcp ${ends}: write: broken pipe`
  if (code === 'ETIMEDOUT') return `read tcp ${ends}: read: connection timed out`
  if (code === 'ECONNRESET') return 'EOF'
  return tlsProblem(error) ?? httpProblem(error) ?? messageOf(error)
}

/** Node gives an orderly end at a wrong time the code of a reset. */
function isHangUp(error: unknown): boolean {
  const message = messageOf(error)
  return (
    message === 'socket hang up' || message.startsWith('Client network socket disconnected') || message === 'aborted'
  )
}

/** Alerts by which a server refuses a handshake, by OpenSSL's names (crypto/tls, alert.go). */
const ALERTS = new Map([
  ['HANDSHAKE_FAILURE', 'handshake failure'],
  ['BAD_CERTIFICATE', 'bad certificate'],
  ['CERTIFICATE_UNKNOWN', 'unknown certificate'],
  ['UNKNOWN_CA', 'unknown certificate authority'],
  ['ACCESS_DENIED', 'access denied'],
  ['DECODE_ERROR', 'error decoding message'],
  ['DECRYPT_ERROR', 'error decrypting message'],
  ['PROTOCOL_VERSION', 'protocol version not supported'],
  ['INSUFFICIENT_SECURITY', 'insufficient security level'],
  ['INTERNAL_ERROR', 'internal error'],
  ['UNRECOGNIZED_NAME', 'unrecognized name'],
  ['CERTIFICATE_REQUIRED', 'certificate required'],
  ['NO_APPLICATION_PROTOCOL', 'no application protocol'],
  ['UNEXPECTED_MESSAGE', 'unexpected message'],
  ['ILLEGAL_PARAMETER', 'illegal parameter'],
])

function tlsProblem(error: unknown): string | undefined {
  const alert = /^ERR_SSL_(?:SSLV3|TLSV1|TLSV13)_ALERT_(.+)$/.exec(codeOf(error))
  const words = alert === null ? undefined : ALERTS.get(alert[1] ?? '')
  if (words !== undefined) return `remote error: tls: ${words}`
  return isNotTls(error) ? 'tls: first record does not look like a TLS handshake' : undefined
}

/** What came was no TLS record. */
export function isNotTls(error: unknown): boolean {
  return /^ERR_SSL_(WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG|HTTP_REQUEST|UNEXPECTED_MESSAGE|RECORD_LAYER_FAILURE)$/.test(
    codeOf(error),
  )
}

function httpProblem(error: unknown): string | undefined {
  if (!codeOf(error).startsWith('HPE_')) return undefined
  const packet: unknown = typeof error === 'object' && error !== null && 'rawPacket' in error ? error.rawPacket : ''
  const line = String(packet).split(/\r?\n/, 1)[0] ?? ''
  return `net/http: HTTP/1.x transport connection broken: ${malformedAnswer(line)}`
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

/** The first line of an answer that is no HTTP. */
export function malformedAnswer(statusLine: string): string {
  const [, version, code] = /^([^ ]*) +([^ ]*)/.exec(statusLine) ?? []
  if (version === undefined || code === undefined) return `malformed HTTP response ${quoteGo(statusLine)}`
  if (!/^\d{3}$/.test(code)) return `malformed HTTP status code ${quoteGo(code)}`
  return `malformed HTTP version ${quoteGo(version)}`
}
