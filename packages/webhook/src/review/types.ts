import type { Configuration } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import type { ReviewOutcome, ReviewReason } from './reasons.ts'

/** What of a request says how it is answered; the method does not. */
export interface ReviewRequest {
  readonly body: Uint8Array
  /** The URL path, percent-decoded. */
  readonly path: string
}

/** What a review is answered with. */
export interface ReviewContext {
  readonly configuration: Configuration
  /** The Namespace object where it is known; asked only where the platform needs it. */
  readonly namespaceObject: (name: string) => JsonObject | undefined
}

/** The bytes of the answer. */
export interface Answer {
  readonly status: number
  readonly contentType: 'application/json' | 'text/plain; charset=utf-8'
  readonly body: string
}

/** The object that created the Pod and has to be told when it cannot. */
export interface PodOwner {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  readonly uid: string
}

/** What is counted, logged and told about a request. Plain data, without anything of the Pod but its names. */
export interface ReviewFacts {
  readonly outcome: ReviewOutcome
  readonly reason: ReviewReason
  /** Of the review; "" when there is none. */
  readonly uid: string
  readonly namespace: string
  /** The name, or the generateName. */
  readonly pod: string
  readonly dryRun: boolean
  /** Why it failed. */
  readonly message?: string
  /** The controlling owner, of what failed. */
  readonly owner?: PodOwner
}

export interface Reviewed {
  readonly answer: Answer
  readonly facts: ReviewFacts
}
