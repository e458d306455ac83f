import { certificateFacts, createAuthority, issueServingCertificate } from '@proa/pki'
import type { RotationPolicy } from './rotation-plan.ts'
import type { Leaf, SigningRoot } from './rotation-state.ts'

export async function createRoot(commonName: string, now: Date, policy: RotationPolicy): Promise<SigningRoot> {
  const root = await createAuthority({ commonName, validFor: policy.rootValidFor, now })
  const { fingerprint, notAfter } = certificateFacts(root.certificate)
  return { id: fingerprint, ...root, notAfter: notAfter.getTime() }
}

export async function issueLeaf(
  root: SigningRoot,
  dnsNames: readonly string[],
  now: Date,
  policy: RotationPolicy,
): Promise<Leaf> {
  const leaf = await issueServingCertificate(root, { dnsNames, validFor: policy.leafValidFor, now })
  const { notAfter } = certificateFacts(leaf.certificate)
  return { root: root.id, ...leaf, issuedAt: now.getTime(), notAfter: notAfter.getTime(), dnsNames }
}
