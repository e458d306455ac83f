/**
 * Whether Go's HTTP client goes to a host directly, by the value of NO_PROXY (golang.org/x/net/http/httpproxy, and the ranges that
 * client-go adds for hosts that are addresses). Only names are asked here: webhooks with a Service are called by name.
 */
export function bypassesProxy(noProxy: string, host: string, port: number): boolean {
  const name = host.toLowerCase().replace(/\.$/, '')
  if (name === 'localhost') return true
  return noProxy.split(',').some((part) => covers(part.trim().toLowerCase(), name, port))
}

function covers(entry: string, host: string, port: number): boolean {
  if (entry === '') return false
  if (entry === '*') return true
  // Ranges and addresses never match a name.
  if (entry.includes('/')) return false
  const [, pattern = '', wanted] = /^(.*?)(?::(\d{1,5}))?$/.exec(entry) ?? []
  if (wanted !== undefined && Number(wanted) !== port) return false
  const suffix = pattern.startsWith('*.') ? pattern.slice(1) : pattern
  if (suffix === '') return false
  return suffix.startsWith('.') ? host.endsWith(suffix) : host === suffix || host.endsWith(`.${suffix}`)
}

/** The value with what is missing added at its end, in the user's order and spelling. */
export function completed(noProxy: string, wanted: readonly string[]): string {
  const entries = noProxy
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
  const known = new Set(entries.map((entry) => entry.toLowerCase().replace(/^\*\./, '.')))
  return [...entries, ...wanted.filter((entry) => !known.has(entry.toLowerCase()))].join(',')
}
