import { BlockList, isIP } from 'node:net'
import type { ProxySettings } from '../deps.ts'

/**
 * The proxy for an address, or undefined when it is reached directly: Go's rules for the environment
 * (golang.org/x/net/http/httpproxy).
 *
 * @param host without port and without brackets
 */
export function proxyFor(settings: ProxySettings | undefined, host: string, port: number): URL | undefined {
  if (settings === undefined || settings.httpsProxy === '') return undefined
  return isDirect(settings.noProxy ?? '', host.toLowerCase(), port) ? undefined : proxyUrl(settings.httpsProxy)
}

/** Go takes a text that is no whole URL as `http://` and that text. */
function proxyUrl(text: string): URL {
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) && URL.canParse(text)
  return new URL(whole ? text : `http://${text}`)
}

function isDirect(noProxy: string, host: string, port: number): boolean {
  if (host === 'localhost' || isLoopback(host)) return true
  const entries = noProxy.split(',').map((entry) => entry.trim().toLowerCase())
  return entries.some((entry) => entry !== '' && entryFits(entry, host, port))
}

function isLoopback(host: string): boolean {
  return (isIP(host) === 4 && host.startsWith('127.')) || host === '::1'
}

function entryFits(entry: string, host: string, port: number): boolean {
  if (entry === '*') return true
  const range = /^(.+)\/(\d{1,3})$/.exec(entry)
  if (range !== null) return inRange(range[1] ?? '', Number(range[2]), host)
  const { name, onlyPort } = splitPort(entry)
  if (onlyPort !== undefined && onlyPort !== port) return false
  if (isIP(name) !== 0) return sameAddress(name, host)
  // `.example` and `*.example` mean what is below, `example` itself too. An address has no domain.
  const suffix = name.startsWith('*.') ? name.slice(1) : name
  if (suffix === '') return false
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`)
}

function splitPort(entry: string): { readonly name: string; readonly onlyPort: number | undefined } {
  const match = /^(?:\[(.*)\]|([^:]*)):(\d+)$/.exec(entry)
  if (match === null) return { name: entry.replace(/^\[(.*)\]$/, '$1'), onlyPort: undefined }
  return { name: match[1] ?? match[2] ?? '', onlyPort: Number(match[3]) }
}

function inRange(network: string, prefix: number, host: string): boolean {
  const family = isIP(network)
  if (family === 0 || isIP(host) !== family || prefix > (family === 4 ? 32 : 128)) return false
  const list = new BlockList()
  list.addSubnet(network, prefix, family === 4 ? 'ipv4' : 'ipv6')
  return list.check(host, family === 4 ? 'ipv4' : 'ipv6')
}

function sameAddress(name: string, host: string): boolean {
  const family = isIP(host)
  return family !== 0 && inRange(name, family === 4 ? 32 : 128, host)
}
