import type { JsonObject, LabelMap, MutatingWebhookConfiguration, UserInfo, WebhookVerdict } from '@proa/kube'

/** The namespace of a Pod. Without `labels` nothing is known of it; `{}` says that it has none. */
export interface PodNamespace {
  readonly name: string
  readonly labels?: LabelMap
}

/** A Pod that is to be created, and the webhooks that the API server knows. */
export interface WebhookQuestion {
  readonly configurations: readonly MutatingWebhookConfiguration[]
  readonly namespace: PodNamespace
  /** The Pod as its controller creates it: metadata and spec of the Pod template. */
  readonly pod: JsonObject
  /** Default `CREATE`. */
  readonly operation?: string
  /** Who creates the Pod, for match conditions. Default: not known. */
  readonly userInfo?: UserInfo
}

/** A webhook that injects sidecars, and how it was recognised. */
export interface InjectorWebhook {
  readonly configuration: string
  readonly webhook: string
  readonly index: number
  /** By its name `….sidecar-injector.istio.io`, by labels of its configuration, or by the path `/inject`. */
  readonly recognisedBy: 'name' | 'labels' | 'path'
  /** Label `istio.io/rev` of the configuration, `default` without one: the control plane that injects. */
  readonly revision: string
  /** Label `istio.io/tag`: the configuration stands for a tag that points to `revision`. */
  readonly tag?: string
  /** Its selectors ask for the label that nothing carries, as `istioctl tag` leaves it behind. */
  readonly deactivated: boolean
  readonly service?: { readonly namespace: string; readonly name: string; readonly path: string }
  readonly url?: string
}

/** An injector and what the API server does with it. */
export interface InjectorVerdict {
  readonly injector: InjectorWebhook
  readonly verdict: WebhookVerdict
}

/**
 * - `one`: exactly one injector is called. `none`: injectors exist, none is called.
 * - `several`: more than one would inject. `not-installed`: no injector among the configurations.
 * - `refused`: the API server refuses the Pod before an injector is asked.
 * - `unknown`: the namespace's labels or a match condition are not known.
 */
export type WebhookOutcome = 'one' | 'none' | 'several' | 'not-installed' | 'refused' | 'unknown'

/** Stable codes of what a user should know beyond the outcome. `params` are named per code. */
export type WebhookFindingCode =
  /** `webhooks`: names, separated by commas. */
  | 'several-would-inject'
  /** Namespace `istio-injection=enabled` wins over `istio.io/rev` (`revision`, `on` = namespace or pod). Wanted by Istio. */
  | 'injection-label-wins-over-revision'
  /** The namespace's `istio.io/rev` (`namespaceRevision`) wins over the Pod's (`podRevision`). Wanted by Istio. */
  | 'namespace-revision-wins-over-pod'
  /** `istio.io/rev` (`revision`, `on`) names no revision and no tag; `known` lists them, `meant` is the likely one. */
  | 'unknown-revision'
  /** Every injector is deactivated. */
  | 'all-deactivated'
  /** The Pod asks for injection by annotation; webhooks see labels only. */
  | 'annotation-not-seen'
  /** The Pod asks for injection by label, its namespace forbids it (`label`, `value`). */
  | 'namespace-forbids'
  /** The API server refuses the Pod at `webhook`, with `reason`. */
  | 'request-refused'

/** Something that a user should know, as data: its sentence is made from code and params. */
export interface WebhookFinding {
  readonly code: WebhookFindingCode
  readonly params: Readonly<Record<string, string>>
}

/** One label to set, or to remove when `to` is absent. */
export interface LabelEdit {
  readonly on: 'namespace' | 'pod'
  readonly key: string
  readonly from?: string
  readonly to?: string
}

/** Label edits that together reach a goal, and what is called then. */
export interface LabelChange {
  readonly edits: readonly LabelEdit[]
  /** The injector that is called afterwards; absent when none is. */
  readonly calls?: InjectorWebhook
}

/** What the API server does with a Pod, as far as injection goes. JSON. */
export interface WebhookExplanation {
  readonly outcome: WebhookOutcome
  /** The injector that gets the Pod; only when the outcome is `one`. */
  readonly target?: InjectorWebhook
  readonly injectors: readonly InjectorVerdict[]
  /** All other mutating webhooks. */
  readonly others: readonly WebhookVerdict[]
  readonly findings: readonly WebhookFinding[]
  /**
   * The smallest label changes after which exactly one injector is called (when none or several are), or none is
   * (when one is). The best comes first; all have the same number of edits. Computed when first read.
   */
  readonly nearest: readonly LabelChange[]
}
