import { behaves } from '../behaviour.ts'

/** CIDR blocks as Go reads them: net/netip's ParsePrefix, and net's ParseCIDR before Istio 1.16. */

/** @returns undefined, or Go's words for what is wrong. */
export function checkCidr(text: string, minor: number): string | undefined {
  if (!behaves(minor, 'strictPrefixes')) return isOldCidr(text) ? undefined : `invalid CIDR address: ${text}`
  const fail = (reason: string): string => `netip.ParsePrefix(${JSON.stringify(text)}): ${reason}`
  const slash = text.lastIndexOf('/')
  if (slash < 0) return fail("no '/'")
  const address = text.slice(0, slash)
  const bits = text.slice(slash + 1)
  if (address.includes('%')) return fail('IPv6 zones cannot be present in a prefix')
  const family = familyOf(address)
  if (family === undefined) {
    // Go answers for the address first, in the words of ParseAddr.
    return fail(`ParseAddr(${JSON.stringify(address)}): ${addressProblem(address)}`)
  }
  if (bits.length > 1 && !/^[1-9]/.test(bits)) return fail(`bad bits after slash: ${JSON.stringify(bits)}`)
  if (!/^\d+$/.test(bits)) return fail(`bad bits after slash: ${JSON.stringify(bits)}`)
  return Number(bits) > (family === 4 ? 32 : 128) ? fail('prefix length out of range') : undefined
}

function isOldCidr(text: string): boolean {
  const [address, bits, more] = text.split('/')
  if (address === undefined || bits === undefined || more !== undefined || !/^\d{1,3}$/.test(bits)) return false
  const family = familyOf(address)
  return family !== undefined && Number(bits) <= (family === 4 ? 32 : 128)
}

function addressProblem(address: string): string {
  if (address === '') return 'unable to parse IP'
  if (address.includes(':')) return 'unable to parse IP'
  if (!address.includes('.')) return 'unable to parse IP'
  const parts = address.split('.')
  if (parts.some((part) => part !== '' && !/^\d+$/.test(part))) {
    const character = /[^\d.]/.exec(address)?.[0] ?? ''
    return `unexpected character (at ${JSON.stringify(address.slice(address.indexOf(character)))})`
  }
  if (parts.some((part) => part === '')) return 'IPv4 field must have at least one digit'
  if (parts.some((part) => Number(part) > 255)) return 'IPv4 field has value >255'
  if (parts.some((part) => part.length > 1 && part.startsWith('0'))) return 'IPv4 field has octet with leading zero'
  return parts.length < 4 ? 'IPv4 address too short' : 'IPv4 address too long'
}

/** 4 or 6; undefined when the text is no address. */
export function familyOf(address: string): 4 | 6 | undefined {
  if (isIpv4(address)) return 4
  return address.includes(':') && isIpv6(address) ? 6 : undefined
}

function isIpv4(text: string): boolean {
  const parts = text.split('.')
  return parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255)
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const all = groups.flat()
  const last = all.at(-1)
  const embedded = last?.includes('.') === true
  if (embedded && (!isIpv4(last) || text.endsWith(':'))) return false
  const words = embedded ? all.slice(0, -1) : all
  if (!words.every((word) => /^[0-9a-fA-F]{1,4}$/.test(word))) return false
  const length = words.length + (embedded ? 2 : 0)
  return halves.length === 2 ? length < 8 : length === 8
}
