import type { BundleVerdict, ServedCertificateProbe } from '../snapshot/types.ts'
import type { Certificate } from './certificate.ts'

/** Whether one certificate says that the other issued it: by name, and by the id of the key where both tell. */
export function names(certificate: Certificate, issuer: Certificate): boolean {
  if (certificate.issuerKey !== issuer.subjectKey) return false
  const [wanted, key] = [certificate.authorityKeyId, issuer.subjectKeyId]
  return wanted === undefined || key === undefined || wanted === key
}

export function isSelfIssued(certificate: Certificate): boolean {
  return certificate.subjectKey === certificate.issuerKey && names(certificate, certificate)
}

/** The root that a chain (leaf first) leads to, by what the certificates say of themselves; signatures are not verified. */
export function rootOf(chain: readonly Certificate[], roots: readonly Certificate[]): Certificate | undefined {
  const [leaf, ...others] = chain
  if (leaf === undefined) return undefined
  const untried = new Set(others)
  const queue = [leaf]
  for (let from = queue.pop(); from !== undefined; from = queue.pop()) {
    const certificate = from
    const root = roots.find((one) => one.fingerprint === certificate.fingerprint || names(certificate, one))
    if (root !== undefined) return root
    for (const next of untried) {
      if (!next.isCA || !names(certificate, next)) continue
      untried.delete(next)
      queue.push(next)
    }
  }
  return undefined
}

/**
 * Whether an API server that has the bundle trusts the chain. `certain` where somebody verified it (the probe), `likely` where
 * only names and key ids were compared. Dates are not this question: an expired chain leads to its root all the same.
 */
export interface Trust {
  readonly trusted: boolean
  readonly confidence: 'certain' | 'likely'
  /** Why the probe could not verify it. */
  readonly problem?: string
}

export function trustOf(
  chain: readonly Certificate[],
  roots: readonly Certificate[],
  probed: BundleVerdict | undefined,
): Trust {
  if (probed?.verifies === true) return { trusted: true, confidence: 'certain' }
  const byNames = rootOf(chain, roots) !== undefined
  if (probed === undefined) return { trusted: byNames, confidence: 'likely' }
  const problem = probed.problem ?? ''
  // Names lead to a root, and verification failed: because of dates, or because the signature is of another key.
  const trusted = byNames && !/not signed by|unknown authority|self.signed|UNABLE_TO_|signature/i.test(problem)
  return { trusted, confidence: 'certain', ...(problem === '' ? {} : { problem }) }
}

/** What a probe said of the bundle of one webhook. */
export function verdictFor(
  { outcome }: ServedCertificateProbe,
  configuration: string,
  index: number,
): BundleVerdict | undefined {
  if (outcome.kind !== 'served') return undefined
  return outcome.verifiedBy.find((one) => one.configuration === configuration && one.index === index)
}
