import type { X509Certificate } from 'node:crypto'
import { parseBundle } from './bundle.ts'
import { type CertificateFacts, factsOf, readCertificate } from './facts.ts'
import { readPrivateKey } from './keys.ts'
import { PkiError } from './pki-error.ts'

export interface ServingPair {
  /** PEM, the chain, leaf first. */
  readonly certificate: string
  /** PEM. */
  readonly privateKey: string
  /** PEM; when given, the chain has to end in one of these roots. */
  readonly bundle?: string | undefined
}

/**
 * Whether a server can serve with this pair now, and clients can trust it.
 * @param dnsNames names that clients will call; each has to be in the certificate (a wildcard counts)
 * @returns what the leaf says
 * @throws PkiError for the first thing that is wrong
 */
export function checkServingPair(pair: ServingPair, dnsNames: readonly string[], now: Date): CertificateFacts {
  const leaf = readCertificate(pair.certificate)
  const chain = readChain(pair.certificate)
  const key = readPrivateKey(pair.privateKey)
  if (!leaf.checkPrivateKey(key)) {
    throw new PkiError(
      'key-mismatch',
      `the private key does not belong to the certificate of ${subject(leaf)}; both files have to come from the same issue`,
    )
  }
  checkDates(leaf, now, 'the certificate')
  checkUsage(leaf)
  checkNames(leaf, dnsNames)
  if (pair.bundle !== undefined) checkTrust(chain, pair.bundle, now)
  return factsOf(leaf)
}

/** Whether a chain (PEM, leaf first) leads to a root of the bundle, with every certificate of the way valid now. */
export function chainVerifies(certificate: string, bundle: string, now: Date): boolean {
  return chainProblem(certificate, bundle, now) === undefined
}

/** Why a chain does not verify, in a sentence; undefined when it does. */
export function chainProblem(certificate: string, bundle: string, now: Date): string | undefined {
  try {
    checkTrust(readChain(certificate), bundle, now)
    return undefined
  } catch (error) {
    if (error instanceof PkiError) return error.message
    throw error
  }
}

function readChain(text: string): readonly X509Certificate[] {
  const { certificates, problems } = parseBundle(text)
  const [problem] = problems
  if (problem !== undefined) {
    throw new PkiError('bad-certificate', `the certificate file, block ${problem.block}: ${problem.problem}`)
  }
  return certificates.map(({ pem }) => readCertificate(pem))
}

function checkTrust(chain: readonly X509Certificate[], bundle: string, now: Date): void {
  const { certificates } = parseBundle(bundle)
  if (certificates.length === 0) throw new PkiError('not-pem', 'the CA bundle holds no certificate')
  const roots = certificates.map(({ pem }) => readCertificate(pem))
  const [leaf, ...intermediates] = chain
  if (leaf === undefined) throw new PkiError('not-pem', 'there is no certificate')
  // An authority that was renewed with its old key is in a bundle twice, with two ends: as in Go, any way that is valid will do.
  const isValid = (certificate: X509Certificate): boolean => dateProblem(certificate, now, '') === undefined
  const path =
    pathTo(roots.filter(isValid), leaf, new Set(intermediates.filter(isValid))) ??
    pathTo(roots, leaf, new Set(intermediates))
  if (path === undefined) {
    throw new PkiError(
      'untrusted',
      `the certificate of ${subject(leaf)} is not signed by the CA bundle: it says that it was issued by ` +
        `"${factsOf(leaf).issuer}"; the bundle holds ${roots.map((root) => `"${factsOf(root).subject}"`).join(', ')}`,
    )
  }
  for (const certificate of path) checkDates(certificate, now, `the certificate of ${subject(certificate)}`)
}

/** Depth-first over the intermediates. Each is tried once: where it led nowhere, it leads nowhere by another way either. */
function pathTo(
  roots: readonly X509Certificate[],
  from: X509Certificate,
  untried: Set<X509Certificate>,
): readonly X509Certificate[] | undefined {
  const root = roots.find((one) => signed(from, one) || one.fingerprint256 === from.fingerprint256)
  if (root !== undefined) return [from, root]
  for (const next of untried) {
    if (!next.ca || !signed(from, next)) continue
    untried.delete(next)
    const rest = pathTo(roots, next, untried)
    if (rest !== undefined) return [from, ...rest]
  }
  return undefined
}

function signed(certificate: X509Certificate, issuer: X509Certificate): boolean {
  return certificate.checkIssued(issuer) && certificate.verify(issuer.publicKey)
}

function checkDates(certificate: X509Certificate, now: Date, what: string): void {
  const problem = dateProblem(certificate, now, what)
  if (problem !== undefined) throw problem
}

function dateProblem({ validFromDate, validToDate }: X509Certificate, now: Date, what: string): PkiError | undefined {
  if (now.getTime() > validToDate.getTime()) {
    return new PkiError('expired', `${what} has ended on ${validToDate.toISOString()}; now it is ${now.toISOString()}`)
  }
  if (now.getTime() >= validFromDate.getTime()) return undefined
  const begins = `${what} begins on ${validFromDate.toISOString()}; now it is ${now.toISOString()}`
  return new PkiError('not-yet-valid', `${begins}. Is the clock right?`)
}

function checkUsage(leaf: X509Certificate): void {
  // Node names the usages by their numbers; without the extension every use is allowed.
  const usages: readonly string[] | undefined = leaf.keyUsage
  if (usages === undefined || usages.includes('1.3.6.1.5.5.7.3.1') || usages.includes('2.5.29.37.0')) return
  throw new PkiError(
    'wrong-usage',
    `the certificate of ${subject(leaf)} is not for servers (extended key usage serverAuth)`,
  )
}

function checkNames(leaf: X509Certificate, dnsNames: readonly string[]): void {
  const missing = dnsNames.filter((name) => leaf.checkHost(name, { subject: 'never' }) === undefined)
  if (missing.length === 0) return
  const { dnsNames: has } = factsOf(leaf)
  throw new PkiError(
    'wrong-name',
    `the certificate is not for ${missing.join(', ')}; its names (subjectAltName) are ${has.join(', ') || 'none'}`,
  )
}

function subject(certificate: X509Certificate): string {
  const { subject: name, dnsNames } = factsOf(certificate)
  return `"${name || dnsNames[0] || certificate.serialNumber}"`
}
