/** `net/url`: dividing a URL and putting it together, with Go's error texts. */
import { goQuote } from '../format/quote.ts'
import { parseIpAddress } from '../ip-address.ts'
import { escapeUrl, unescapeUrl } from './url-escape.ts'

export interface Url {
  readonly scheme: string
  readonly opaque: string
  /** Escaped, `name` or `name:password`; undefined if the URL has no `@`. */
  readonly userinfo: string | undefined
  readonly host: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

/** Throws `parse "…": what is wrong`. */
export function parseUrl(text: string): Url {
  const [body, fragment] = cut(text, '#')
  const url = named(body, () => parseBody(body))
  return fragment === '' ? url : { ...url, fragment: named(text, () => unescapeUrl(fragment, 'fragment')) }
}

function named<T>(text: string, parse: () => T): T {
  try {
    return parse()
  } catch (error) {
    throw new Error(`parse ${goQuote(text)}: ${error instanceof Error ? error.message : String(error)}`)
  }
}

const empty: Url = { scheme: '', opaque: '', userinfo: undefined, host: '', path: '', query: '', fragment: '' }

function parseBody(text: string): Url {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
  if (/[\u0000-\u001f\u007f]/.test(text)) throw new Error('net/url: invalid control character in URL')
  if (text === '*') return { ...empty, path: '*' }
  const { scheme, rest } = splitScheme(text)
  const [hierarchy, query] = cut(rest, '?')
  if (!hierarchy.startsWith('/')) {
    if (scheme !== '') return { ...empty, scheme, opaque: hierarchy, query }
    if (cut(hierarchy, '/')[0].includes(':')) throw new Error('first path segment in URL cannot contain colon')
  }
  const hasAuthority = hierarchy.startsWith('//') && (scheme !== '' || !hierarchy.startsWith('///'))
  if (!hasAuthority) return { ...empty, scheme, path: unescapeUrl(hierarchy, 'path'), query }
  const slash = hierarchy.indexOf('/', 2)
  const end = slash < 0 ? hierarchy.length : slash
  const authority = parseAuthority(scheme, hierarchy.slice(2, end))
  return { ...empty, scheme, ...authority, path: unescapeUrl(hierarchy.slice(end), 'path'), query }
}

function splitScheme(text: string): { scheme: string; rest: string } {
  if (text.startsWith(':')) throw new Error('missing protocol scheme')
  const [, scheme, rest = ''] = /^([a-zA-Z][a-zA-Z0-9+\-.]*):(.*)$/s.exec(text) ?? []
  return scheme === undefined ? { scheme: '', rest: text } : { scheme: scheme.toLowerCase(), rest }
}

function parseAuthority(scheme: string, authority: string): Pick<Url, 'userinfo' | 'host'> {
  const at = authority.lastIndexOf('@')
  const host = parseHost(scheme, authority.slice(at + 1))
  if (at < 0) return { userinfo: undefined, host }
  const userinfo = authority.slice(0, at)
  if (!/^[A-Za-z0-9\-._:~!$&'()*+,;=%@]*$/.test(userinfo)) throw new Error('net/url: invalid userinfo')
  return { userinfo: normalUserinfo(userinfo), host }
}

/** `Userinfo.String()` of what was parsed: each half read and escaped again. */
function normalUserinfo(userinfo: string): string {
  const halves = userinfo.includes(':') ? cut(userinfo, ':') : [userinfo]
  return halves.map((half) => escapeUrl(unescapeUrl(half, 'user'), 'user')).join(':')
}

function parseHost(scheme: string, host: string): string {
  const bracket = host.lastIndexOf('[')
  if (bracket > 0) throw new Error('invalid IP-literal')
  if (bracket === 0) return parseIpLiteral(host)
  // Some databases list several hosts with ports; Go lets them unless the scheme is a web scheme.
  const colon = /^https?$/.test(scheme) ? host.indexOf(':') : host.lastIndexOf(':')
  if (colon >= 0) checkPort(host.slice(colon))
  return unescapeUrl(host, 'host')
}

function parseIpLiteral(host: string): string {
  const close = host.lastIndexOf(']')
  if (close < 0) throw new Error("missing ']' in host")
  const port = host.slice(close + 1)
  checkPort(port)
  const name = host.slice(1, close)
  const zone = name.indexOf('%25')
  const unescaped =
    zone < 0
      ? unescapeUrl(name, 'host')
      : unescapeUrl(name.slice(0, zone), 'host') + unescapeUrl(name.slice(zone), 'zone')
  checkIpv6(unescaped)
  return `[${unescaped}]${port}`
}

function checkIpv6(text: string): void {
  const address = parseIpAddress(text)
  if (typeof address === 'string') throw new Error(`invalid host: ${address}`)
  if (address.family === 4) throw new Error('invalid IP-literal')
}

function checkPort(port: string): void {
  if (!/^(:[0-9]*)?$/.test(port)) throw new Error(`invalid port ${goQuote(port)} after host`)
}

/** The host without port and brackets. */
export function hostName(host: string): string {
  const bare = host.replace(/:[0-9]*$/, '')
  return bare.startsWith('[') && bare.endsWith(']') ? bare.slice(1, -1) : bare
}

/** `URL.String()` of a URL whose path and fragment are given unescaped. */
export function formatUrl(url: Url): string {
  const scheme = url.scheme === '' ? '' : `${url.scheme}:`
  const hierarchy = url.opaque !== '' ? url.opaque : formatHierarchy(url, scheme === '')
  const query = url.query === '' ? '' : `?${url.query}`
  const fragment = url.fragment === '' ? '' : `#${escapeUrl(url.fragment, 'fragment')}`
  return scheme + hierarchy + query + fragment
}

function formatHierarchy(url: Url, isRelative: boolean): string {
  const { scheme, host, userinfo, path } = url
  const hasAuthority = host !== '' || userinfo !== undefined || (scheme !== '' && path !== '')
  const user = userinfo === undefined ? '' : `${userinfo}@`
  const authority = hasAuthority ? `//${user}${escapeUrl(host, 'host')}` : ''
  const escaped = path === '*' ? '*' : escapeUrl(path, 'path')
  if (host !== '' && escaped !== '' && !escaped.startsWith('/')) return `${authority}/${escaped}`
  // A colon in the first segment would make it look like a scheme.
  if (isRelative && authority === '' && cut(escaped, '/')[0].includes(':')) return `./${escaped}`
  return authority + escaped
}

function cut(text: string, separator: string): [before: string, after: string] {
  const at = text.indexOf(separator)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + separator.length)]
}
