import type { Explanation, WebhookExplanation } from '@proa/injector'
import type { CheckId, Finding, NotEvaluatedCheck, ObjectName } from './finding.ts'
import type { Text } from './language.ts'

/** 0 fine, 1 warnings (only when strict), 2 errors, 3 something that was asked for could not be evaluated. */
export type DoctorExitCode = 0 | 1 | 2 | 3

/** What is asked about. */
export type Target =
  | { readonly kind: 'everything' }
  /** A Pod, or a workload of any kind with its Pods. `workload` is the kind: `Deployment`, `Pod` … */
  | { readonly kind: 'workload'; readonly workload: string; readonly namespace: string; readonly name: string }
  | { readonly kind: 'namespace'; readonly name: string }
  | { readonly kind: 'webhooks' }
  | { readonly kind: 'certs' }

/** What the doctor has to say. Renderers write it; it has no text of its own but that of the findings. */
export interface Report {
  readonly target: Target
  /** The target is not in the snapshot: then there are no findings. */
  readonly absent?: AbsentTarget
  /** The checks that belong to the question, whether or not they could look. */
  readonly checks: readonly CheckId[]
  /** Grouped by category, the category of the worst finding first; within it by severity. */
  readonly findings: readonly Finding[]
  readonly notEvaluated: readonly NotEvaluatedCheck[]
  /** How many checks looked at everything they need. */
  readonly evaluated: number
  readonly exitCode: DoctorExitCode
  /** For a workload: the decision on the live objects, and what really happened. */
  readonly trace?: WorkloadTrace
  /** For everything, a namespace, and the webhooks: like `kubectl get namespace -L istio-injection`, with what each webhook makes of it. */
  readonly namespaces?: readonly NamespaceRow[]
  /** For everything and the certificates: fingerprints side by side. */
  readonly certificates?: readonly CertificateRow[]
}

export interface AbsentTarget {
  readonly object: ObjectName
  /** What may have been meant. */
  readonly similar: readonly ObjectName[]
  readonly reason: Text
}

export interface WorkloadTrace {
  readonly object: ObjectName
  /** Undefined: the configuration of the injector that would be called is not known; then only `webhooks` are. */
  readonly explanation: Explanation | undefined
  readonly webhooks: WebhookExplanation
  /** What would happen now. */
  readonly expected: ExpectedOutcome
  /** What happened to the Pods that there are. */
  readonly actual: readonly ActualPod[]
  /** One sentence that puts the two together, and why they differ. */
  readonly summary: Text
}

/** `refused`: the API server or the injector refuses the Pod. `unknown`: something about it could not be read. */
export type ExpectedOutcome = 'injected' | 'not-injected' | 'refused' | 'unknown'

export interface ActualPod {
  readonly name: string
  /** `by-hand`: a proxy container without the status annotation of an injector. */
  readonly sidecar: 'injected' | 'by-hand' | 'none'
  /** The revision that the status annotation or the label names. */
  readonly revision?: string
  /** RFC 3339. */
  readonly created: string
}

/** A namespace as injection sees it. */
export interface NamespaceRow {
  readonly name: string
  /** Labels that matter here: `istio-injection`, `istio.io/rev`, `istio.io/dataplane-mode`. */
  readonly injection?: string
  readonly revision?: string
  readonly dataplaneMode?: string
  /** Per injection webhook: what happens to a Pod without labels of its own. */
  readonly webhooks: readonly NamespaceVerdict[]
  /** What a Pod without labels of its own gets. `ignored`: called, but the injector ignores the namespace. */
  readonly verdict: 'injected' | 'not-injected' | 'ignored' | 'several' | 'refused' | 'unknown'
  readonly pods: { readonly all: number; readonly injected: number }
}

export interface NamespaceVerdict {
  /** `istio-sidecar-injector/rev.namespace.sidecar-injector.istio.io` */
  readonly webhook: string
  readonly called: boolean | 'unknown'
  /** The selector's requirement (or rule, or condition) that decides, with the value that it met. */
  readonly because: Text
}

/** One certificate of one place, so that places can be compared. */
export interface CertificateRow {
  /** Certificates of a revision are compared with each other. */
  readonly revision: string
  readonly place: 'caBundle' | 'root-config-map' | 'served' | 'authority-secret'
  /** `istio-sidecar-injector/webhooks[0]`, `shop/istio-ca-root-cert`, `istio-system/istiod:15017` … */
  readonly where: string
  readonly subject: string
  readonly issuer: string
  /** RFC 3339. */
  readonly notAfter: string
  /** SHA-256 of the DER, 64 hexadecimal digits; "" where there is no certificate to read. */
  readonly fingerprint: string
  readonly problem?: Text
}
