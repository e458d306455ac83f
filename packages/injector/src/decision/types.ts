import type { Json, SelectorError } from '@proa/kube'
import type { Release } from '../release.ts'

/** Stable reason codes. They are a public contract: log, event, metric, JSON and web all use them. */
export type DecisionReason =
  | 'HostNetwork'
  | 'IgnoredNamespace'
  | 'InjectLabelTrue'
  | 'InjectLabelFalse'
  | 'InjectAnnotationTrue'
  | 'InjectAnnotationFalse'
  | 'NeverInjectSelector'
  | 'AlwaysInjectSelector'
  | 'PolicyEnabled'
  | 'PolicyDisabled'
  | 'PolicyUnknown'

/** The questions of the decision, in the order in which they are asked. Stable. */
export type StepId =
  | 'host-network'
  | 'ignored-namespace'
  | 'inject-label'
  | 'inject-annotation'
  | 'never-inject-selector'
  | 'always-inject-selector'
  | 'policy'

/**
 * What a step came to. Together with {@link StepId} it selects the sentence in every language.
 *
 * - `absent`: nothing there, go on. `passed`: looked at, no objection, go on.
 * - `invalid`: a value that means nothing to this release, reported, go on.
 * - `true`, `false`, `matched`, `enabled`, `disabled`, `unknown`: the finding itself.
 * - `overruled`: the annotation is there but the label speaks first.
 * - `refused`: a value that is neither yes nor no, which this release takes for no.
 */
export type StepFinding =
  | 'absent'
  | 'passed'
  | 'invalid'
  | 'true'
  | 'false'
  | 'refused'
  | 'matched'
  | 'overruled'
  | 'enabled'
  | 'disabled'
  | 'unknown'

/** A value and the object path at which it stands; `undefined` says that nothing stands there. */
export interface Evidence {
  /** `pod.spec.hostNetwork`, `config.neverInjectSelector[0]`, `namespace` … */
  readonly path: string
  readonly value: Json | undefined
}

/** One question of the decision, and what it came to; the texts are English. */
export interface DecisionStep {
  readonly id: StepId
  readonly question: string
  readonly finding: StepFinding
  readonly found: readonly Evidence[]
  /** What follows: the next step is asked, or the verdict stands. */
  readonly outcome: 'continue' | 'inject' | 'skip'
  readonly consequence: string
  /** True for the one step that made the verdict. */
  readonly deciding: boolean
}

/** Something that a user should act on although it did not stop the decision. */
export interface DecisionWarning {
  readonly code: 'InvalidInjectValue' | 'InvalidSelector' | 'UnknownPolicy' | 'IgnoredInjectLabel'
  readonly message: string
  readonly path: string
}

/** Whether a Pod is injected, why, and how that was found. */
export interface Decision {
  readonly injected: boolean
  readonly reason: DecisionReason
  readonly release: Release
  /** Every question in the order in which it was asked; computed when first read. */
  readonly steps: readonly DecisionStep[]
  readonly warnings: readonly DecisionWarning[]
}

/** A label selector of the configuration, parsed once. */
export type ConfiguredSelector =
  | {
      readonly kind: 'selector'
      readonly path: string
      readonly source: Json
      readonly matches: (labels: Labels) => boolean
    }
  | { readonly kind: 'empty'; readonly path: string; readonly source: Json }
  | { readonly kind: 'invalid'; readonly path: string; readonly source: Json; readonly problem: SelectorError }

/** Labels or annotations. */
export type Labels = Readonly<Record<string, string>>

/** The part of the injector's configuration that the decision looks at. */
export interface DecisionConfiguration {
  readonly release: Release
  readonly policy: string
  readonly neverInjectSelector: readonly ConfiguredSelector[]
  readonly alwaysInjectSelector: readonly ConfiguredSelector[]
}
