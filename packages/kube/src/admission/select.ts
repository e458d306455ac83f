import { askMatchConditions } from './conditions.ts'
import { type MutatingWebhook, type MutatingWebhookConfiguration, readWebhookConfiguration } from './configuration.ts'
import type { AdmissionRequest, GroupVersionResource } from './request.ts'
import { askRules, DEFAULT_EQUIVALENCES } from './rules.ts'
import { askNamespaceSelector, askObjectSelector } from './selectors.ts'
import { found, type StepOutcome, step, type WebhookStep, type WebhookVerdict } from './verdict.ts'

/** What an API server may know beyond the request. */
export interface SelectOptions {
  /** Default {@link DEFAULT_EQUIVALENCES}. */
  readonly equivalences?: readonly (readonly GroupVersionResource[])[]
}

/**
 * Which mutating webhooks the API server would call for a request, and why. The verdicts stand in the order of the
 * calls: configurations by name, webhooks as written (apiserver, mutating webhook manager).
 *
 * Each webhook is judged for itself on the object as given. In a cluster a webhook sees what the ones before it
 * changed, and nothing is called any more after one that refuses.
 *
 * The answer is that of the API server's `ShouldCallHook`; the questions are put in the order that explains best
 * (rules before selectors), which gives the same answer since none of them has effects.
 *
 * Never throws, whatever the configurations and the object hold.
 */
export function selectWebhooks(
  configurations: readonly MutatingWebhookConfiguration[],
  request: AdmissionRequest,
  options: SelectOptions = {},
): WebhookVerdict[] {
  const read = configurations.map(readWebhookConfiguration)
  // Go compares strings by bytes; names are ASCII, for which this is the same.
  const ordered = read.toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
  return ordered.flatMap((configuration) =>
    configuration.webhooks.map((webhook, index) => {
      const steps = askAll(webhook, request, options)
      return verdict(configuration.name, webhook.name, index, steps)
    }),
  )
}

function askAll(webhook: MutatingWebhook, request: AdmissionRequest, options: SelectOptions): WebhookStep[] {
  const exempt = askExempt(request)
  const steps = [
    exempt,
    askRules(webhook, request, options.equivalences ?? DEFAULT_EQUIVALENCES),
    askNamespaceSelector(webhook, request),
    askObjectSelector(webhook, request),
  ]
  // A condition is evaluated only for requests that come so far; it may well fail on others.
  const open = steps.every((one) => one.outcome === 'pass' || one.outcome === 'unknown')
  steps.push(open ? askMatchConditions(webhook, request) : step('matchConditions', 'skipped', 'not-reached'))
  if (request.dryRun === true) {
    const called = open && steps.at(-1)?.outcome !== 'fail' && steps.at(-1)?.outcome !== 'reject'
    steps.push(called ? askSideEffects(webhook) : step('sideEffects', 'skipped', 'not-reached'))
  }
  return steps
}

const ADMISSION_RESOURCES = new Set([
  'mutatingwebhookconfigurations',
  'validatingwebhookconfigurations',
  'validatingadmissionpolicies',
  'validatingadmissionpolicybindings',
  'mutatingadmissionpolicies',
  'mutatingadmissionpolicybindings',
])

/** What configures admission is never sent to webhooks, or a broken one could not be repaired. */
function askExempt(request: AdmissionRequest): WebhookStep {
  const resource = found('request.resource', `${request.resource}.${request.group}`)
  return request.group === 'admissionregistration.k8s.io' && ADMISSION_RESOURCES.has(request.resource)
    ? step('exempt', 'fail', 'exempt-resource', [resource])
    : step('exempt', 'pass', 'not-exempt')
}

/** A dry run must not have side effects, so it is refused rather than calling a webhook that may have some. */
function askSideEffects(webhook: MutatingWebhook): WebhookStep {
  const evidence = [found('webhook.sideEffects', webhook.sideEffects), found('request.dryRun', true)]
  const fine = webhook.sideEffects === 'None' || webhook.sideEffects === 'NoneOnDryRun'
  return fine
    ? step('sideEffects', 'pass', 'side-effects-fine', evidence)
    : step('sideEffects', 'reject', 'dry-run-refused', evidence)
}

/**
 * Which step decides. One that says "not called" wins over an error before it, as in the API server, where an error
 * of a selector counts only when everything else matches. What is not known may still be a "not called", so it wins
 * over an error too.
 */
function decidingStep(steps: readonly WebhookStep[]): number {
  for (const outcome of ['fail', 'unknown', 'reject'] satisfies StepOutcome[]) {
    const index = steps.findIndex((one) => one.outcome === outcome)
    if (index >= 0) return index
  }
  return steps.length - 1
}

function verdict(configuration: string, webhook: string, index: number, steps: readonly WebhookStep[]): WebhookVerdict {
  const deciding = decidingStep(steps)
  const outcome = steps[deciding]?.outcome ?? 'pass'
  return {
    configuration,
    webhook,
    index,
    called: outcome === 'pass' ? true : outcome === 'unknown' ? 'unknown' : false,
    rejected: outcome === 'reject',
    reason: steps[deciding]?.reason ?? 'not-exempt',
    deciding,
    steps,
  }
}
