/** The percent-decoded path of a request line, as Go's server has it; undefined when it is none. */
export function pathOf(url: string): string | undefined {
  const raw = url.startsWith('/') ? url : absolutePath(url)
  if (raw === undefined) return undefined
  const end = raw.search(/[?#]/)
  const path = end === -1 ? raw : raw.slice(0, end)
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

/** `POST https://host/inject` is allowed too. */
function absolutePath(url: string): string | undefined {
  const match = /^[a-z]+:\/\/[^/?#]*(\/[^?#]*)?/i.exec(url)
  return match === null ? undefined : (match[1] ?? '/')
}

export type Route = 'inject' | 'healthz' | 'readyz' | 'metrics' | 'debug/doctor'

/** What is asked for; undefined when there is no such thing. */
export function routeOf(path: string): Route | undefined {
  if (path === '/inject' || path.startsWith('/inject/')) return 'inject'
  if (path === '/healthz') return 'healthz'
  if (path === '/readyz') return 'readyz'
  if (path === '/debug/doctor') return 'debug/doctor'
  return path === '/metrics' ? 'metrics' : undefined
}

/** What stands after the `?`. */
export function queryOf(url: string): URLSearchParams {
  const [, query = ''] = /\?([^#]*)/.exec(url) ?? []
  return new URLSearchParams(query)
}
