import { goQuote, parseIpAddress } from '@proa/go-template'
import { utf8Length } from '@proa/kube'
import { none, type Problems, problem } from './problems.ts'

/** Host names, ports and addresses, with the error texts of Istio's validation. */

export function checkPort(port: number | bigint): Problems {
  return port >= 1 && port <= 65535 ? none : problem(`port number ${port} must be in the range 1..65535`)
}

/** `host:port`, where the host is a domain name or an IP address. */
export function checkProxyAddress(address: string): Problems {
  const split = splitHostPort(address)
  if (typeof split === 'string') {
    const where = address === '' ? '' : `address ${address}: `
    return problem(`unable to split ${goQuote(address)}: ${where}${split}`)
  }
  const { host, port } = split
  if (!/^[+-]?\d+$/.test(port)) {
    return problem(`port (${port}) is not a number: strconv.Atoi: parsing ${goQuote(port)}: invalid syntax`)
  }
  const number = BigInt(port.replace('+', ''))
  if (!isInt64(number)) {
    return problem(`port (${port}) is not a number: strconv.Atoi: parsing ${goQuote(port)}: value out of range`)
  }
  const range = checkPort(number)
  if (range.errors.length > 0) return range
  if (checkDomainName(host).errors.length === 0 || typeof parseIpAddress(host) !== 'string') return none
  return problem(`${goQuote(host)} is not a valid hostname or an IP address`)
}

/** Go's `net.SplitHostPort`; a string is its error. */
function splitHostPort(address: string): { readonly host: string; readonly port: string } | string {
  const colon = address.lastIndexOf(':')
  if (colon < 0) return 'missing port in address'
  let host = address.slice(0, colon)
  if (address.startsWith('[')) {
    const end = address.indexOf(']')
    if (end < 0) return "missing ']' in address"
    if (end + 1 === address.length) return 'missing port in address'
    if (end + 1 !== colon)
      return address.charAt(end + 1) === ':' ? 'too many colons in address' : 'missing port in address'
    host = address.slice(1, end)
    if (host.includes('[') || address.indexOf('[', 1) >= 0) return "unexpected '[' in address"
  } else {
    if (host.includes(':')) return 'too many colons in address'
    if (address.includes('[')) return "unexpected '[' in address"
    if (address.includes(']')) return "unexpected ']' in address"
  }
  if (address.indexOf(']', host.length + 2) >= 0) return "unexpected ']' in address"
  return { host, port: address.slice(colon + 1) }
}

const MAX_DOMAIN_BYTES = 255
const MAX_LABEL = 63

function checkDomainName(name: string): Problems {
  const length = checkDomainLength(name)
  return length.errors.length > 0 ? length : checkLabels(name)
}

/** A domain name whose first label may be or start with a wildcard. */
export function checkWildcardDomain(name: string): Problems {
  const length = checkDomainLength(name)
  if (length.errors.length > 0) return length
  const dot = name.indexOf('.')
  const first = dot < 0 ? name : name.slice(0, dot)
  const wildcard = first === '*' || isLabel(first) || (first.length <= MAX_LABEL && isLabel(first.replace(/^\*-?/, '')))
  if (!wildcard) return problem(`domain name ${goQuote(name)} invalid (label ${goQuote(first)} invalid)`)
  return dot < 0 ? none : checkLabels(name.slice(dot + 1))
}

export function checkTrustDomain(domain: string): Problems {
  if (domain === '') return problem('empty domain name not allowed')
  const labels = domain.split('.')
  const bad = labels.some((label, index) => !(index === labels.length - 1 && label === '') && !isLabel(label))
  return bad ? problem(`trust domain name ${goQuote(domain)} invalid`) : none
}

function checkDomainLength(name: string): Problems {
  if (utf8Length(name) > MAX_DOMAIN_BYTES) return problem(`domain name ${goQuote(name)} too long (max 255)`)
  return name === '' ? problem('empty domain name not allowed') : none
}

function checkLabels(domain: string): Problems {
  const labels = domain.split('.')
  const top = labels.at(-1) ?? ''
  if (/^[+-]?\d+$/.test(top) && isInt64(BigInt(top.replace('+', '')))) {
    return problem(`domain name ${goQuote(domain)} invalid (top level domain ${goQuote(top)} cannot be all-numeric)`)
  }
  for (const [index, label] of labels.entries()) {
    // An unambiguous name ends with a dot.
    if (index === labels.length - 1 && label === '') return none
    if (!isLabel(label)) return problem(`domain name ${goQuote(domain)} invalid (label ${goQuote(label)} invalid)`)
  }
  return none
}

function isLabel(label: string): boolean {
  return label.length <= MAX_LABEL && /^[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?$/.test(label)
}

function isInt64(number: bigint): boolean {
  return number === BigInt.asIntN(64, number)
}
