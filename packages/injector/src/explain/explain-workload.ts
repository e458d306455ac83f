import {
  type CustomWorkload,
  isObject,
  type JsonObject,
  type LabelMap,
  type MutatingWebhookConfiguration,
} from '@proa/kube'
import type { Configuration } from '../config/types.ts'
import { decide } from '../decision/decide.ts'
import { describeStep } from '../decision/describe.ts'
import type { Decision, DecisionReason, DecisionStep } from '../decision/types.ts'
import type { InjectionError } from '../errors.ts'
import { decisionConfiguration } from '../inject.ts'
import type { Release } from '../release.ts'
import { explainWebhooks } from '../webhooks/explain.ts'
import type { WebhookExplanation } from '../webhooks/types.ts'
import { requestFor } from '../workload/inject-workload.ts'
import { noPodTemplate, podOfWorkload } from '../workload/pod-of-workload.ts'
import { type Turnaround, turnaround } from './turnaround.ts'
import { webhookReason, webhookStep } from './webhook-step.ts'

/** Why the API server would not ask the injector, or not one alone. */
export type WebhookReason = 'NoWebhookCalled' | 'NoInjectorInstalled' | 'SeveralWebhooks' | 'RequestRefused'

/** Stable codes of what decided: the injector, or the API server before it. */
export type ExplanationReason = DecisionReason | WebhookReason

/** A step of the decision, or the one before it: which webhook is called. */
export interface ExplainedStep extends Omit<DecisionStep, 'id' | 'finding'> {
  readonly id: DecisionStep['id'] | 'webhook'
  readonly finding: DecisionStep['finding'] | WebhookExplanation['outcome']
}

/** The webhook's decision about one workload. Its JSON is a public contract; fields may be added. */
export interface Explanation {
  readonly kind: string
  readonly namespace: string
  readonly name: string
  readonly injected: boolean
  /** Stable code of the deciding step. */
  readonly reason: ExplanationReason
  readonly steps: readonly ExplainedStep[]
  /** What the injector itself would decide, whether or not the API server asks it. */
  readonly decision: { readonly injected: boolean; readonly reason: DecisionReason }
  readonly release: Release
  /** What a manual request (`proa inject`, kube-inject) would decide, where that differs. */
  readonly manual?: { readonly injected: boolean; readonly reason: DecisionReason }
  /** The smallest change that would turn the verdict round. */
  readonly change: Turnaround
  readonly warnings: Decision['warnings']
  /** Which webhooks the API server would call; only where their configurations are known. */
  readonly webhooks?: WebhookExplanation
}

/** `failed`: the workload has no Pod template. */
export type ExplainResult =
  | { readonly kind: 'explained'; readonly explanation: Explanation }
  | { readonly kind: 'not-a-workload' }
  | { readonly kind: 'failed'; readonly error: InjectionError }

/** What is known of the cluster. */
export interface ExplainOptions {
  /** The namespace of an object that names none. */
  readonly namespace?: string
  /** Labels of namespaces by name; a namespace that is not there is unknown. */
  readonly namespaces?: ReadonlyMap<string, LabelMap>
  /** Without these only the injector's own decision is explained. */
  readonly webhooks?: readonly MutatingWebhookConfiguration[]
  readonly extraWorkloads?: readonly CustomWorkload[]
}

/** Namespace of an object for which nobody names one, as kubectl has it. */
const DEFAULT_NAMESPACE = 'default'

/** Explains whether the Pods of a workload get the sidecar. Nothing is rendered, so this is fast. */
export function explainWorkload(
  object: JsonObject,
  configuration: Configuration,
  options: ExplainOptions = {},
): ExplainResult {
  const found = podOfWorkload(object, 'webhook', configuration.minor, options.extraWorkloads)
  if (found.kind === 'not-a-workload') return found
  if (found.kind === 'no-template') return { kind: 'failed', error: noPodTemplate(found.path) }
  const { workload } = found
  const namespace = workload.namespace || options.namespace || ''
  const request = requestFor(workload, { mode: 'webhook', namespace }, configuration.minor)
  const decision = decide(request.pod, namespace, decisionConfiguration(request, configuration))
  const manual = manualDecision(object, configuration, options.extraWorkloads)
  const webhooks = explainCalls(options, namespace || DEFAULT_NAMESPACE, workload.pod)
  const prevented = webhooks === undefined ? undefined : webhookReason(webhooks.outcome)
  const injected = prevented === undefined ? decision.injected : prevented === 'SeveralWebhooks' && decision.injected
  const explanation: Explanation = {
    kind: workload.kind,
    namespace,
    name: workload.name,
    injected,
    reason: prevented ?? decision.reason,
    get steps() {
      return stepsOf(decision, webhooks, prevented)
    },
    decision: { injected: decision.injected, reason: decision.reason },
    release: decision.release,
    ...(manual === undefined || manual.injected === injected
      ? {}
      : { manual: { injected: manual.injected, reason: manual.reason } }),
    change: turnaround(decision, workload),
    get warnings() {
      return decision.warnings
    },
    ...(webhooks === undefined ? {} : { webhooks }),
  }
  return { kind: 'explained', explanation }
}

/** kube-inject reads the metadata of a CronJob elsewhere, and no namespace but the template's own. */
function manualDecision(
  object: JsonObject,
  configuration: Configuration,
  extra: readonly CustomWorkload[] | undefined,
): Decision | undefined {
  const found = podOfWorkload(object, 'manual', configuration.minor, extra)
  if (found.kind !== 'found') return undefined
  const request = requestFor(found.workload, { mode: 'manual' }, configuration.minor)
  return decide(request.pod, '', decisionConfiguration(request, configuration))
}

function explainCalls(options: ExplainOptions, namespace: string, pod: JsonObject): WebhookExplanation | undefined {
  if (options.webhooks === undefined) return undefined
  const labels = options.namespaces?.get(namespace)
  return explainWebhooks({
    configurations: options.webhooks,
    namespace: { name: namespace, ...(labels === undefined ? {} : { labels }) },
    pod: asSent(pod, namespace),
  })
}

/** The Pod as match conditions see it: the API server has filled in the namespace by then. */
function asSent(pod: JsonObject, namespace: string): JsonObject {
  const metadata = isObject(pod.metadata) ? pod.metadata : {}
  return { apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { namespace, ...metadata } }
}

/** The API server comes before the injector; where it does not ask it, the injector's own steps are of no effect. */
function stepsOf(
  decision: Decision,
  webhooks: WebhookExplanation | undefined,
  prevented: WebhookReason | undefined,
): readonly ExplainedStep[] {
  if (webhooks === undefined) return decision.steps
  const first = webhookStep(webhooks, 'en', prevented !== undefined)
  return [first, ...decision.steps.map((step) => (prevented === undefined ? step : { ...step, deciding: false }))]
}

/** A step's words in another language; `found` holds words too where it tells of webhooks. */
export function translateStep(
  step: ExplainedStep,
  explanation: Explanation,
  language: 'en' | 'zh',
): Pick<ExplainedStep, 'question' | 'consequence' | 'found'> {
  if (step.id === 'webhook') {
    return explanation.webhooks === undefined ? step : webhookStep(explanation.webhooks, language, step.deciding)
  }
  const { id, found } = step
  const finding = step.finding as DecisionStep['finding']
  return { ...describeStep({ id, found, finding }, explanation.release, language), found }
}
