export {
  type BundledCertificate,
  type BundleProblem,
  bundleFingerprints,
  dropExpired,
  joinBundles,
  type ParsedBundle,
  parseBundle,
  sameBundle,
} from './bundle.ts'
export { type CertificateFacts, certificateFacts } from './facts.ts'
export {
  type Authority,
  type AuthorityRequest,
  BACKDATED,
  type ClientRequest,
  createAuthority,
  type IssuedCertificate,
  issueClientCertificate,
  issueServingCertificate,
  type ServingRequest,
} from './issue.ts'
export type { KeyAlgorithm } from './keys.ts'
export { PkiError, type PkiProblem } from './pki-error.ts'
export { chainProblem, chainVerifies, checkServingPair, type ServingPair } from './serving-pair.ts'
