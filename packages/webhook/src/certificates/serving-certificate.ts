import { certificateFacts, chainVerifies, parseBundle } from '@proa/pki'
import type { ServingCertificate } from '../contracts.ts'

/** A checked pair as the server takes it. */
export function servingCertificate(
  pair: { readonly certificate: string; readonly privateKey: string },
  caBundle: string | undefined,
  now: Date,
): ServingCertificate {
  const { certificate, privateKey } = pair
  const { notAfter } = certificateFacts(certificate)
  return { certificate, privateKey, caBundle, notAfter, caNotAfter: earliestRoot(certificate, caBundle, now) }
}

/** Of the roots that this chain leads to; retired ones in the bundle may end when they like. */
function earliestRoot(certificate: string, bundle: string | undefined, now: Date): Date | undefined {
  const ends = parseBundle(bundle ?? '')
    .certificates.filter(({ pem }) => chainVerifies(certificate, pem, now))
    .map(({ facts }) => facts.notAfter.getTime())
  return ends.length === 0 ? undefined : new Date(Math.min(...ends))
}

export function sameServingCertificate(a: ServingCertificate, b: ServingCertificate): boolean {
  return a.certificate === b.certificate && a.privateKey === b.privateKey && a.caBundle === b.caBundle
}
