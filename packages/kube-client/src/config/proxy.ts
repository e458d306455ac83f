import { BlockList, isIP } from 'node:net'
import type { Environment } from './find.ts'

/** The proxy that the environment names for a server: HTTPS_PROXY (HTTP_PROXY for http), unless NO_PROXY excludes it. */
export function proxyFor(server: string, env: Environment): string | undefined {
  const url = new URL(server)
  const name = url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const proxy = env[name] || env[name.toLowerCase()]
  if (proxy === undefined || proxy === '') return undefined
  const exceptions = env.NO_PROXY || env.no_proxy || ''
  if (isExcepted(hostOf(url), url.port || (url.protocol === 'https:' ? '443' : '80'), exceptions)) return undefined
  return proxy.includes('://') ? proxy : `http://${proxy}`
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[|\]$/g, '').toLowerCase()
}

/** The rules of Go's `net/http`, which kubectl follows: this machine is never reached by a proxy. */
function isExcepted(host: string, port: string, exceptions: string): boolean {
  if (host === 'localhost' || host === '::1' || /^127\./.test(host)) return true
  return exceptions
    .split(',')
    .map((exception) => exception.trim().toLowerCase())
    .filter((exception) => exception !== '')
    .some((exception) => matches(host, port, exception))
}

function matches(host: string, port: string, exception: string): boolean {
  if (exception === '*') return true
  if (exception.includes('/')) return inNetwork(host, exception)
  const [, name = exception, onlyPort] = /^(.*[^:]):(\d+)$/.exec(isIP(exception) === 6 ? '' : exception) ?? []
  if (onlyPort !== undefined && onlyPort !== port) return false
  const bare = name.replace(/^\*?\./, '').replace(/^\[|\]$/g, '')
  if (isIP(bare) !== 0) return host === bare
  return (host === bare && !name.startsWith('.')) || host.endsWith(`.${bare}`)
}

function inNetwork(host: string, network: string): boolean {
  const [address = '', bits = ''] = network.split('/')
  const family = isIP(address)
  if (family === 0 || isIP(host) !== family || !/^\d+$/.test(bits)) return false
  const list = new BlockList()
  const kind = family === 4 ? 'ipv4' : 'ipv6'
  if (Number(bits) > (family === 4 ? 32 : 128)) return false
  list.addSubnet(address, Number(bits), kind)
  return list.check(host, kind)
}
