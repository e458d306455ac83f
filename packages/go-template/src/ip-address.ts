import { goQuote } from './format/quote.ts'

/** An IP address, as far as reading it tells. */
export interface IpAddress {
  readonly family: 4 | 6
  /** What follows `%` in an IPv6 address; "" where there is none. */
  readonly zone: string
}

/** What is wrong, and the rest of the text from where on it is wrong. */
interface Problem {
  readonly message: string
  readonly at?: string
}

/**
 * Reads an IP address as Go's `netip.ParseAddr` does: decimal fields without leading zeros, and no other form than
 * RFC 4291's of IPv6.
 *
 * @returns for anything else what is wrong, in Go's words: `ParseAddr("10.0.0"): IPv4 address too short`
 */
export function parseIpAddress(text: string): IpAddress | string {
  const problem = problemOf(text)
  if (problem === undefined) return { family: firstMark(text) === '.' ? 4 : 6, zone: zoneOf(text) ?? '' }
  const { message, at = '' } = problem
  return `ParseAddr(${goQuote(text)}): ${message}${at === '' ? '' : ` (at ${goQuote(at)})`}`
}

/** The character that tells which kind of address a text is meant to be. */
function firstMark(text: string): string | undefined {
  return /[.:%]/.exec(text)?.[0]
}

function zoneOf(text: string): string | undefined {
  const percent = text.indexOf('%')
  return percent < 0 ? undefined : text.slice(percent + 1)
}

function problemOf(text: string): Problem | undefined {
  switch (firstMark(text)) {
    case '.':
      return ipv4Problem(text)
    case ':':
      return zoneOf(text) === ''
        ? { message: 'zone must be a non-empty string' }
        : ipv6Problem(text.split('%', 1)[0] ?? '')
    case '%':
      return { message: 'missing IPv6 address' }
    default:
      return { message: 'unable to parse IP' }
  }
}

const IPV4_FIELDS = 4

function ipv4Problem(text: string): Problem | undefined {
  const fields = text.split('.', IPV4_FIELDS + 1)
  let end = 0
  for (const [index, field] of fields.entries()) {
    const wrong = ipv4FieldProblem(field, text.slice(end))
    if (wrong !== undefined) return wrong
    end += field.length
    if (end === text.length) break
    if (field === '' || end === text.length - 1) {
      return { message: 'IPv4 field must have at least one digit', at: text.slice(end) }
    }
    if (index === IPV4_FIELDS - 1) return { message: 'IPv4 address too long' }
    end++
  }
  return fields.length < IPV4_FIELDS ? { message: 'IPv4 address too short' } : undefined
}

/** @param rest the text from this field on */
function ipv4FieldProblem(field: string, rest: string): Problem | undefined {
  const digits = /^\d*/.exec(field)?.[0] ?? ''
  if (/^0\d/.test(digits)) return { message: 'IPv4 field has octet with leading zero' }
  if (Number(digits) > 255) return { message: 'IPv4 field has value >255' }
  return digits === field ? undefined : { message: 'unexpected character', at: rest.slice(digits.length) }
}

const IPV6_WORDS = 8
/** Words that an IPv4 address at the end stands for. */
const EMBEDDED_WORDS = 2

function ipv6Problem(address: string): Problem | undefined {
  if (address === '::') return undefined
  let shortened = address.startsWith('::')
  let rest = shortened ? address.slice(2) : address
  let words = 0
  while (words < IPV6_WORDS) {
    const digits = /^[0-9a-fA-F]*/.exec(rest)?.[0] ?? ''
    if (digits === '') return { message: 'each colon-separated field must have at least one digit', at: rest }
    if (digits.length > 4) return { message: 'each group must have 4 or less digits', at: rest }
    if (rest[digits.length] === '.') {
      const wrong = embeddedProblem(rest, words, shortened)
      if (wrong !== undefined) return wrong
      words += EMBEDDED_WORDS
      rest = ''
      break
    }
    words++
    rest = rest.slice(digits.length)
    if (rest === '') break
    if (rest[0] !== ':') return { message: 'unexpected character, want colon', at: rest }
    if (rest === ':') return { message: 'colon must be followed by more characters', at: rest }
    rest = rest.slice(1)
    if (!rest.startsWith(':')) continue
    if (shortened) return { message: 'multiple :: in address', at: rest }
    shortened = true
    rest = rest.slice(1)
    if (rest === '') break
  }
  if (rest !== '') return { message: 'trailing garbage after address', at: rest }
  return sizeProblem(words, shortened)
}

function embeddedProblem(rest: string, words: number, shortened: boolean): Problem | undefined {
  if (!shortened && words !== IPV6_WORDS - EMBEDDED_WORDS) {
    return { message: 'embedded IPv4 address must replace the final 2 fields of the address', at: rest }
  }
  if (words > IPV6_WORDS - EMBEDDED_WORDS) {
    return { message: 'too many hex fields to fit an embedded IPv4 at the end of the address', at: rest }
  }
  return ipv4Problem(rest)
}

function sizeProblem(words: number, shortened: boolean): Problem | undefined {
  if (words < IPV6_WORDS) return shortened ? undefined : { message: 'address string too short' }
  return shortened ? { message: 'the :: must expand to at least one field of zeros' } : undefined
}
