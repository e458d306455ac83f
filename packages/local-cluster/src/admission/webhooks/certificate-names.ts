import type { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

export interface AlternativeNames {
  /** Whether the certificate has the extension at all. */
  readonly present: boolean
  readonly dns: readonly string[]
  /** In the spelling of Go: IPv6 in short form. */
  readonly addresses: readonly string[]
}

/** Reads Node's text of the extension: `DNS:a, IP Address:10.0.0.1`, odd names in JSON quotes. */
export function alternativeNames(certificate: X509Certificate): AlternativeNames {
  const text = certificate.subjectAltName
  if (text === undefined) return { present: false, dns: [], addresses: [] }
  const dns: string[] = []
  const addresses: string[] = []
  for (const [, kind, quoted, plain] of text.matchAll(/([A-Za-z ]+):(?:("(?:[^"\\]|\\.)*")|([^,]*))(?:, |$)/g)) {
    const name = quoted === undefined ? (plain ?? '') : String(JSON.parse(quoted))
    if (kind === 'DNS') dns.push(name)
    if (kind === 'IP Address') addresses.push(shortAddress(name))
  }
  return { present: true, dns, addresses }
}

function shortAddress(address: string): string {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** Subjects are written as lines `CN=name`. */
export function commonName(subject: string): string | undefined {
  return field(subject, 'CN')
}

function field(subject: string, key: string): string | undefined {
  const line = subject.split('\n').find((one) => one.startsWith(`${key}=`))
  return line?.slice(key.length + 1)
}

/** How Go names a certificate in a sentence. */
export function displayName(certificate: X509Certificate): string {
  const name = field(certificate.subject, 'CN') || field(certificate.subject, 'O')
  return name || `serial:${BigInt(`0x${certificate.serialNumber}`)}`
}

/** Go's rule: equal but for case, a `*` stands for the whole first label. */
export function hostMatches(pattern: string, host: string): boolean {
  const wanted = host.toLowerCase().replace(/\.$/, '').split('.')
  const given = pattern.toLowerCase().split('.')
  if (given.length !== wanted.length || pattern === '*' || given.includes('')) return false
  return given.every((label, index) => (index === 0 && label === '*') || label === wanted[index])
}
