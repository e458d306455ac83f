import type { DecisionReason, InjectionErrorCode } from '@proa/injector'

/** How a request to `/inject` ended. Every request ends in exactly one of these ways. */
export type ReviewOutcome = 'injected' | 'skipped' | 'failed'

/** Requests that are allowed untouched before anybody looks at the Pod. */
export type UntouchedReason = 'NotCreate' | 'NotPod' | 'Subresource'

/** Requests that no review can be read from. */
export type RefusalReason =
  | 'BodyTooLarge'
  | 'NoBody'
  | 'WrongContentType'
  | 'ContentEncoding'
  | 'InvalidPath'
  | 'NotAdmissionReview'
  | 'NoRequest'
  | 'NoObject'

/** Faults of the injector, not of the request. */
export type FaultReason = 'NoConfiguration' | 'InternalError' | 'WorkerLost' | 'TimedOut'

/**
 * Why a request ended as it did: stable names, the same in log, metric, audit annotation and event. `ClientGone` is a request whose
 * body never arrived.
 */
export type ReviewReason =
  | DecisionReason
  | InjectionErrorCode
  | UntouchedReason
  | RefusalReason
  | FaultReason
  | 'InexactNumber'
  | 'ClientGone'
