import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { type AlternativeNames, alternativeNames, commonName, displayName, hostMatches } from './certificate-names.ts'

/** What a server's certificate is judged by. */
export interface Trust {
  readonly roots: readonly X509Certificate[]
  /** The name that the certificate must be valid for. */
  readonly serverName: string
  /** Milliseconds since 1970. */
  readonly now: number
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
const ANY_USAGE = '2.5.29.37.0'
/** Go gives up a search after so many signatures. */
const MAX_CHECKS = 100

/**
 * Go's verdict about a certificate chain (crypto/x509, Certificate.Verify): undefined when it is trusted, else the words of the
 * error, from `x509: ` on. The order of the checks is Go's: time, name, authority, usage; so several faults give Go's first one.
 *
 * @param chain what the server sent; its own certificate first
 */
export function distrust(chain: readonly X509Certificate[], trust: Trust): string | undefined {
  const [leaf, ...intermediates] = chain
  if (leaf === undefined) return 'tls: received empty certificates message'
  const early = timeProblem(leaf, trust.now) ?? nameProblem(leaf, trust.serverName)
  if (early !== undefined) return early
  if (trust.roots.some((root) => root.fingerprint256 === leaf.fingerprint256)) return usageProblem([leaf])
  const search = buildChain([leaf], { trust, intermediates, checks: 0 })
  return search.chain === undefined ? search.problem : usageProblem(search.chain)
}

function timeProblem(certificate: X509Certificate, now: number): string | undefined {
  const prefix = 'x509: certificate has expired or is not yet valid: current time '
  // Certificates count whole seconds; the last one counts to its beginning, as in Go.
  if (now < certificate.validFromDate.getTime()) {
    return `${prefix}${instant(new Date(now))} is before ${instant(certificate.validFromDate)}`
  }
  if (now > certificate.validToDate.getTime()) {
    return `${prefix}${instant(new Date(now))} is after ${instant(certificate.validToDate)}`
  }
  return undefined
}

/** RFC 3339 in whole seconds, as Go writes UTC. */
function instant(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** Go stops listing names here. */
const MAX_NAMES = 100

function nameProblem(certificate: X509Certificate, host: string): string | undefined {
  const names = alternativeNames(certificate)
  const isAddress = isIP(host) !== 0
  if (isAddress ? names.addresses.includes(host) : names.dns.some((name) => hostMatches(name, host))) return undefined
  const own = commonName(certificate.subject)
  if (!names.present && own !== undefined && hostMatches(own, host)) {
    return 'x509: certificate relies on legacy Common Name field, use SANs instead'
  }
  return isAddress ? addressProblem(names, host) : dnsProblem(names, host)
}

function addressProblem({ addresses }: AlternativeNames, host: string): string {
  if (addresses.length === 0) {
    return `x509: cannot validate certificate for ${host} because it doesn't contain any IP SANs`
  }
  if (addresses.length >= MAX_NAMES) {
    return `x509: certificate is valid for ${addresses.length} IP SANs, but none matched ${host}`
  }
  return `x509: certificate is valid for ${addresses.join(', ')}, not ${host}`
}

function dnsProblem({ dns }: AlternativeNames, host: string): string {
  if (dns.length === 0) return `x509: certificate is not valid for any names, but wanted to match ${host}`
  if (dns.length >= MAX_NAMES) return `x509: certificate is valid for ${dns.length} names, but none matched ${host}`
  return `x509: certificate is valid for ${dns.join(', ')}, not ${host}`
}

interface Search {
  readonly trust: Trust
  readonly intermediates: readonly X509Certificate[]
  checks: number
}

type Found =
  | { readonly chain: readonly X509Certificate[]; readonly problem?: never }
  | { readonly chain?: undefined; readonly problem: string }

/** Looks for an authority above the last certificate of the chain: among the roots first, then among what the server sent. */
function buildChain(chain: readonly X509Certificate[], search: Search): Found {
  const last = chain.at(-1)
  let hint = ''
  let problem: string | undefined
  for (const kind of ['root', 'intermediate'] as const) {
    const pool = kind === 'root' ? search.trust.roots : search.intermediates
    for (const candidate of pool) {
      if (last === undefined || candidate.subject !== last.issuer || contains(chain, candidate)) continue
      search.checks += 1
      if (search.checks > MAX_CHECKS)
        return { problem: 'x509: signature check attempts limit reached while verifying certificate chain' }
      const signature = signatureProblem(last, candidate)
      if (signature === undefined) problem = candidateProblem(candidate, kind, search.trust.now)
      const fault = signature ?? problem
      if (fault !== undefined) {
        hint ||= ` (possibly because of ${JSON.stringify(fault)} while trying to verify candidate authority certificate ${JSON.stringify(displayName(candidate))})`
        continue
      }
      const longer = [...chain, candidate]
      if (kind === 'root') return { chain: longer }
      const above = buildChain(longer, search)
      if (above.chain !== undefined) return above
      problem = above.problem
    }
  }
  // A fault of an authority whose signature is right is the answer itself; Go's error variable is shared that way.
  return { problem: problem ?? `x509: certificate signed by unknown authority${hint}` }
}

function contains(chain: readonly X509Certificate[], candidate: X509Certificate): boolean {
  const same = (one: X509Certificate) =>
    one.subject === candidate.subject &&
    one.subjectAltName === candidate.subjectAltName &&
    one.publicKey.equals(candidate.publicKey)
  return chain.some(same)
}

function candidateProblem(candidate: X509Certificate, kind: 'root' | 'intermediate', now: number): string | undefined {
  const time = timeProblem(candidate, now)
  if (time !== undefined) return time
  return kind === 'intermediate' && !candidate.ca
    ? 'x509: certificate is not authorized to sign other certificates'
    : undefined
}

/** What Go calls a signature that does not fit, by the kind of the authority's key. */
const VERIFICATION_FAILURES = new Map([
  ['ec', 'x509: ECDSA verification failure'],
  ['rsa', 'crypto/rsa: verification error'],
  ['ed25519', 'x509: Ed25519 verification failure'],
])

function signatureProblem(certificate: X509Certificate, authority: X509Certificate): string | undefined {
  if (!authority.ca) return 'x509: invalid signature: parent certificate cannot sign this kind of certificate'
  if (certificate.verify(authority.publicKey)) return undefined
  const kind = authority.publicKey.asymmetricKeyType ?? ''
  return VERIFICATION_FAILURES.get(kind) ?? 'x509: cannot verify signature: algorithm unimplemented'
}

/** An extended key usage anywhere in the chain must allow servers. */
function usageProblem(chain: readonly X509Certificate[]): string | undefined {
  const allows = ({ keyUsage }: X509Certificate) =>
    keyUsage === undefined || keyUsage.includes(SERVER_AUTH) || keyUsage.includes(ANY_USAGE)
  return chain.every(allows) ? undefined : 'x509: certificate specifies an incompatible key usage'
}

/** The certificates of a PEM text; undefined when there is none that can be read. Like Go, it skips what is no certificate. */
export function readCertificates(pem: string): readonly X509Certificate[] | undefined {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g) ?? []
  const certificates = blocks.flatMap((block) => {
    try {
      return [new X509Certificate(block)]
    } catch {
      return []
    }
  })
  return certificates.length === 0 ? undefined : certificates
}
