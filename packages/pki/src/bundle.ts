import { X509Certificate } from 'node:crypto'
import type { CertificateFacts } from './facts.ts'
import { factsOf } from './facts.ts'

/** One certificate of a bundle: its own PEM block, and what it says. */
export interface BundledCertificate {
  readonly pem: string
  readonly facts: CertificateFacts
}

/** A block that is no certificate; `block` counts from 1. */
export interface BundleProblem {
  readonly block: number
  readonly problem: string
}

export interface ParsedBundle {
  readonly certificates: readonly BundledCertificate[]
  /** Empty when every byte of the text makes sense. Text outside of the blocks is a comment, as in OpenSSL and Go. */
  readonly problems: readonly BundleProblem[]
}

const BLOCK = /-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?(?:-----END ([A-Z0-9 ]+)-----|(?=-----BEGIN )|$)/g

/** Reads as much of a PEM bundle as can be read; what cannot is told, not thrown. */
export function parseBundle(text: string): ParsedBundle {
  const certificates: BundledCertificate[] = []
  const problems: BundleProblem[] = []
  let block = 0
  for (const [whole, begin = '', end] of text.matchAll(BLOCK)) {
    block += 1
    const problem = readBlock(whole, begin, end, certificates)
    if (problem !== undefined) problems.push({ block, problem })
  }
  return { certificates, problems }
}

function readBlock(
  whole: string,
  begin: string,
  end: string | undefined,
  into: BundledCertificate[],
): string | undefined {
  // A private key in a bundle that everybody may read must not pass unseen; its text is not shown.
  if (begin !== 'CERTIFICATE') return `a block of type "${begin}" where only certificates belong`
  if (end !== begin) return 'the block has no end line; the text is cut off'
  try {
    into.push(readCertificate(whole))
    return undefined
  } catch {
    return 'the block is not a certificate'
  }
}

/** While roots rotate, the same few certificates are read for every webhook of every configuration, again and again. */
const known = new Map<string, BundledCertificate>()
const MOST_KNOWN = 256

function readCertificate(block: string): BundledCertificate {
  const found = known.get(block)
  if (found !== undefined) return found
  const certificate = new X509Certificate(block)
  const read = { pem: pemOf(certificate), facts: factsOf(certificate) }
  const [oldest] = known.keys()
  if (known.size >= MOST_KNOWN && oldest !== undefined) known.delete(oldest)
  known.set(block, read)
  return read
}

/** The PEM that node:crypto writes, so that equal certificates are equal texts. */
function pemOf(certificate: X509Certificate): string {
  return `${certificate.toString().trimEnd()}\n`
}

/** Joins bundles and single certificates; the first of equal ones stays where it is. Blocks that cannot be read are left out. */
export function joinBundles(...texts: readonly string[]): string {
  const seen = new Map<string, string>()
  for (const { pem, facts } of texts.flatMap((text) => parseBundle(text).certificates)) {
    if (!seen.has(facts.fingerprint)) seen.set(facts.fingerprint, pem)
  }
  return [...seen.values()].join('')
}

/** Without the certificates whose end has come. */
export function dropExpired(text: string, now: Date): string {
  return parseBundle(text)
    .certificates.filter(({ facts }) => facts.notAfter.getTime() >= now.getTime())
    .map(({ pem }) => pem)
    .join('')
}

/** Fingerprints of a bundle, in its order. */
export function bundleFingerprints(text: string): readonly string[] {
  return parseBundle(text).certificates.map(({ facts }) => facts.fingerprint)
}

/** The same certificates, in any order and spelling; a bundle with a block that cannot be read equals no other. */
export function sameBundle(a: string, b: string): boolean {
  if (a === b) return true
  const [left, right] = [parseBundle(a), parseBundle(b)]
  if (left.problems.length > 0 || right.problems.length > 0) return false
  const prints = (bundle: ParsedBundle): string =>
    [...new Set(bundle.certificates.map(({ facts }) => facts.fingerprint))].sort().join()
  return prints(left) === prints(right)
}
