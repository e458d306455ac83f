import type { Json } from '../json.ts'
import type { RequirementResult } from '../selector.ts'

/** The questions that the API server asks for each webhook. */
export type WebhookStepId =
  | 'exempt'
  | 'rules'
  | 'namespaceSelector'
  | 'objectSelector'
  | 'matchConditions'
  | 'sideEffects'

/**
 * Stable codes: they are part of machine-readable output.
 *
 * | code | step | meaning |
 * |---|---|---|
 * | `not-exempt` / `exempt-resource` | exempt | admission configuration is never sent to webhooks |
 * | `rule-matches` / `rule-matches-equivalent` | rules | `params.rule` is the index of the rule |
 * | `no-rules` / `no-rule-matches` | rules | `params.mismatch` says what differs in the nearest rule |
 * | `namespace-selector-empty`, `namespace-selector-matches`, `namespace-selector-mismatch` | namespaceSelector | |
 * | `namespace-not-asked` | namespaceSelector | cluster-scoped objects are never excluded by it |
 * | `namespace-labels-unknown` | namespaceSelector | the labels are not given and the selector needs them |
 * | `namespace-selector-invalid`, `object-selector-invalid` | selectors | the API server answers with an error |
 * | `object-selector-empty`, `object-selector-matches`, `object-selector-matches-old`, `object-selector-mismatch` | objectSelector | |
 * | `no-match-conditions`, `match-conditions-true` | matchConditions | |
 * | `match-condition-false` | matchConditions | one condition is false: never called |
 * | `match-condition-error-rejects` | matchConditions | a condition fails and failurePolicy is Fail: the request is refused |
 * | `match-condition-error-ignored` | matchConditions | a condition fails and failurePolicy is Ignore: not called |
 * | `match-condition-unknown` | matchConditions | this program cannot evaluate one (`authorizer`, cost, …) |
 * | `side-effects-fine` / `dry-run-refused` | sideEffects | a dry run meets a webhook with side effects: refused |
 * | `not-reached` | any | an earlier step decided |
 */
export type WebhookReason =
  | 'not-exempt'
  | 'exempt-resource'
  | 'rule-matches'
  | 'rule-matches-equivalent'
  | 'no-rules'
  | 'no-rule-matches'
  | 'namespace-selector-empty'
  | 'namespace-selector-matches'
  | 'namespace-selector-mismatch'
  | 'namespace-selector-invalid'
  | 'namespace-not-asked'
  | 'namespace-labels-unknown'
  | 'object-selector-empty'
  | 'object-selector-matches'
  | 'object-selector-matches-old'
  | 'object-selector-mismatch'
  | 'object-selector-invalid'
  | 'no-match-conditions'
  | 'match-conditions-true'
  | 'match-condition-false'
  | 'match-condition-error-rejects'
  | 'match-condition-error-ignored'
  | 'match-condition-unknown'
  | 'side-effects-fine'
  | 'dry-run-refused'
  | 'not-reached'

/**
 * - `pass`: goes on to the next question;
 * - `fail`: the webhook is not called;
 * - `reject`: the API server refuses the whole request;
 * - `unknown`: cannot be said from the data given;
 * - `skipped`: not asked, since an earlier step decided.
 */
export type StepOutcome = 'pass' | 'fail' | 'reject' | 'unknown' | 'skipped'

/** A value that a step looked at. */
export interface Found {
  /** For example `namespace.metadata.labels["istio.io/rev"]`, `request.operation`, `webhook.rules[0].scope`. */
  readonly path: string
  /** Absent when there is nothing at the path. */
  readonly value?: Json
}

/** One match condition and what it gave. */
export interface ConditionResult {
  readonly name: string
  readonly expression: string
  readonly result: 'true' | 'false' | 'error' | 'unknown'
  /** The error's text, or why it cannot be evaluated here. */
  readonly message?: string
}

/** One question, its answer and the evidence. */
export interface WebhookStep {
  readonly id: WebhookStepId
  readonly outcome: StepOutcome
  readonly reason: WebhookReason
  readonly found: readonly Found[]
  /** Numbers and names that a sentence about the step needs. */
  readonly params: Readonly<Record<string, string | number>>
  /** English, for what has no code of its own: error texts. */
  readonly detail?: string
  /** For the two selectors, unless empty or invalid. */
  readonly requirements?: readonly RequirementResult[]
  /** For matchConditions. */
  readonly conditions?: readonly ConditionResult[]
}

/** What happens at one webhook of one configuration. */
export interface WebhookVerdict {
  /** `metadata.name` of the configuration. */
  readonly configuration: string
  /** Name of the webhook within it; names need not be unique. */
  readonly webhook: string
  /** Position within the configuration. */
  readonly index: number
  readonly called: boolean | 'unknown'
  /** The API server refuses the request at this webhook, without calling it. */
  readonly rejected: boolean
  /** The reason of the deciding step. */
  readonly reason: WebhookReason
  /** Index into `steps` of the one that decided; the last one when the webhook is called. */
  readonly deciding: number
  readonly steps: readonly WebhookStep[]
}

/** A step without optional parts, filled in by each question. */
export function step(
  id: WebhookStepId,
  outcome: StepOutcome,
  reason: WebhookReason,
  found: readonly Found[] = [],
  rest: Pick<WebhookStep, 'detail' | 'requirements' | 'conditions'> & { readonly params?: WebhookStep['params'] } = {},
): WebhookStep {
  return { id, outcome, reason, found, params: {}, ...rest }
}

/** A found value; `undefined` becomes "nothing there". */
export function found(path: string, value: Json | undefined): Found {
  return value === undefined ? { path } : { path, value }
}
