import type { JsonObject } from '@proa/kube'
import type { Confidence, Evidence } from '../../finding.ts'
import type { Text } from '../../language.ts'
import type { Subject } from '../subjects.ts'
import type { Verdict } from '../verdict.ts'

/** What was changed after a Pod was created. `something`: one of them, and it is not written which. */
export type OlderThan =
  | 'namespace-label'
  | 'pod-label'
  | 'template'
  | 'webhook'
  | 'webhook-settings'
  | 'injector'
  | 'configuration'
  | 'something'

interface Cause {
  /** The Pods for which it holds, newest first. */
  readonly pods: readonly JsonObject[]
  /** Both sides of each comparison, about the newest of the Pods. */
  readonly evidence: readonly Evidence[]
  readonly confidence: Confidence
  /** A clause that goes on after "because": without a capital and without a full stop. */
  readonly because: Text
}

/** Why a Pod differs from what would happen to a new one. */
export type Difference =
  /** It was created before something that decides was as it is now. `since` in milliseconds. */
  | (Cause & { readonly kind: 'older'; readonly than: OlderThan; readonly since?: number })
  /** Created within seconds of its namespace, its label or the webhook: API servers had not heard of it yet. */
  | (Cause & { readonly kind: 'raced' })
  /** The webhook could not be called, and failurePolicy Ignore lets Pods through. `proof`: the words of the API server. */
  | (Cause & { readonly kind: 'failed-open'; readonly proof?: string })
  /** The Pod says that it was injected, and has no proxy. */
  | (Cause & { readonly kind: 'removed'; readonly suspects: readonly string[] })
  /** The kubelet runs it from a file; the API server has only its picture. */
  | (Cause & { readonly kind: 'static' })
  /** Its proxy comes from the manifest. */
  | (Cause & { readonly kind: 'by-hand' })
  /** Another control plane injected it; a restart changes that. */
  | (Cause & { readonly kind: 'other-revision'; readonly injectedBy: string; readonly now: string })
  /** All that is known was there before the Pod. */
  | (Cause & { readonly kind: 'unexplained' })

/** A Pod whose difference is to be explained. */
export interface Question {
  readonly subject: Subject
  readonly pod: JsonObject
  readonly verdict: Verdict
}
