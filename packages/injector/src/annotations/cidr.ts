import { goQuote, parseIpAddress } from '@proa/go-template'
import { behaves } from '../behaviour.ts'

const BITS = { 4: 32, 6: 128 } as const

/**
 * Checks a CIDR block as Go does: by net/netip's ParsePrefix, and by net's ParseCIDR before Istio 1.16.
 *
 * @returns undefined, or Go's words for what is wrong
 */
export function checkCidr(text: string, minor: number): string | undefined {
  if (!behaves(minor, 'strictPrefixes')) return isOldCidr(text) ? undefined : `invalid CIDR address: ${text}`
  const problem = prefixProblem(text)
  return problem === undefined ? undefined : `netip.ParsePrefix(${goQuote(text)}): ${problem}`
}

function prefixProblem(text: string): string | undefined {
  const slash = text.lastIndexOf('/')
  if (slash < 0) return "no '/'"
  const address = parseIpAddress(text.slice(0, slash))
  if (typeof address === 'string') return address
  if (address.zone !== '') return 'IPv6 zones cannot be present in a prefix'
  const bits = text.slice(slash + 1)
  if (!/^(?:\d|[1-9]\d{0,18})$/.test(bits)) return `bad bits after slash: ${goQuote(bits)}`
  return Number(bits) > BITS[address.family] ? 'prefix length out of range' : undefined
}

/** Leading zeros of the length do not matter here. */
function isOldCidr(text: string): boolean {
  const slash = text.indexOf('/')
  const address = slash < 0 ? 'there is no length' : parseIpAddress(text.slice(0, slash))
  const bits = text.slice(slash + 1)
  if (typeof address === 'string' || address.zone !== '') return false
  return /^\d+$/.test(bits) && Number(bits) <= BITS[address.family]
}
