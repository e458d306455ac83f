import type { AddressInfo } from 'node:net'

/** Where to listen. Without a host: on all addresses, IPv6 and IPv4. Port 0: any free one. */
export interface ListenAddress {
  readonly host?: string
  readonly port: number
}

const ADDRESS = /^(?:\[([0-9A-Fa-f:.%a-z]+)\]|([^:[\]]*)):(\d{1,5})$/

/** Reads `:15017`, `127.0.0.1:0`, `[::1]:15017`; undefined when it is none. */
export function parseListenAddress(text: string): ListenAddress | undefined {
  const match = ADDRESS.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65_535) return undefined
  const host = match[1] ?? match[2] ?? ''
  return host === '' ? { port } : { host, port }
}

/** A URL under which this machine reaches a listener. */
export function urlOf(scheme: 'http' | 'https', { address, family, port }: AddressInfo): string {
  const host = address === '::' || address === '0.0.0.0' ? '127.0.0.1' : family === 'IPv6' ? `[${address}]` : address
  return `${scheme}://${host}:${port}`
}
