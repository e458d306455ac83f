import { goQuote } from '../format/quote.ts'

/** Accepts what may stand in the brackets of a URL: an IPv6 address, perhaps with a zone. Throws otherwise. */
export function checkIpv6(text: string): void {
  const percent = text.indexOf('%')
  const address = percent < 0 ? text : text.slice(0, percent)
  const emptyZone = percent === text.length - 1 && percent >= 0
  if (!address.includes(':') && isIpv4(address)) throw new Error('invalid IP-literal')
  // Go's text goes on to say which group is wrong.
  if (emptyZone || !isIpv6(address)) throw new Error(`invalid host: ParseAddr(${goQuote(text)}): unable to parse IP`)
}

function isIpv4(text: string): boolean {
  const fields = text.split('.')
  return fields.length === 4 && fields.every((field) => /^(0|[1-9][0-9]{0,2})$/.test(field) && Number(field) <= 255)
}

function isIpv6(text: string): boolean {
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.map((half) => (half === '' ? [] : half.split(':')))
  const last = groups.at(-1)?.at(-1) ?? ''
  const endsInIpv4 = last.includes('.')
  if (endsInIpv4) {
    if (!isIpv4(last)) return false
    groups.at(-1)?.pop()
  }
  const all = groups.flat()
  const count = all.length + (endsInIpv4 ? 2 : 0)
  if (!all.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return false
  return halves.length === 2 ? count < 8 : count === 8
}
