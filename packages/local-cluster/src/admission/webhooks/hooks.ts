import { type ConditionResult, getOwn, isArray, isObject, type JsonObject, selectWebhooks } from '@proa/kube'
import type { ApiError } from '../../api/status.ts'
import type { AdmissionDeps } from '../deps.ts'
import { forbidden, internalError } from '../refusals.ts'
import { admissionRequest } from '../request.ts'
import type { AdmissionAttributes } from '../types.ts'

/** One webhook of one configuration. */
export interface Hook {
  readonly configuration: string
  readonly name: string
  /** Unlike every other's, also when names are equal. */
  readonly uid: string
  /** As stored, with the API's defaults. */
  readonly spec: JsonObject
  /** A configuration that holds nothing else: what `selectWebhooks` is asked with. */
  readonly alone: JsonObject
  readonly failurePolicy: 'Fail' | 'Ignore'
  /** Seconds. */
  readonly timeoutSeconds: number
}

const DEFAULT_TIMEOUT_SECONDS = 10

/** All webhooks in the order in which they are called: configurations by name, webhooks as written. */
export function hooksOf(
  kind: 'MutatingWebhookConfiguration' | 'ValidatingWebhookConfiguration',
  { objects }: AdmissionDeps,
): readonly Hook[] {
  return objects
    .list({ apiVersion: 'admissionregistration.k8s.io/v1', kind })
    .map((configuration) => ({ name: nameOf(configuration), configuration }))
    .toSorted((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0))
    .flatMap(({ configuration }) => readHooks(configuration))
}

/** Stored objects are never changed, so each state of a configuration is read once. */
const alreadyRead = new WeakMap<JsonObject, readonly Hook[]>()

function readHooks(configuration: JsonObject): readonly Hook[] {
  const known = alreadyRead.get(configuration)
  if (known !== undefined) return known
  const name = nameOf(configuration)
  const webhooks = getOwn(configuration, 'webhooks')
  const fresh = (isArray(webhooks) ? webhooks.filter(isObject) : []).map((spec, index): Hook => {
    const timeout = getOwn(spec, 'timeoutSeconds')
    const own = String(getOwn(spec, 'name') ?? '')
    return {
      configuration: name,
      name: own,
      uid: `${name}/${own}/${index}`,
      spec,
      alone: { ...configuration, webhooks: [spec] },
      failurePolicy: getOwn(spec, 'failurePolicy') === 'Ignore' ? 'Ignore' : 'Fail',
      timeoutSeconds: typeof timeout === 'number' ? timeout : DEFAULT_TIMEOUT_SECONDS,
    }
  })
  alreadyRead.set(configuration, fresh)
  return fresh
}

function nameOf(object: JsonObject): string {
  const metadata = getOwn(object, 'metadata')
  return String((isObject(metadata) ? getOwn(metadata, 'name') : undefined) ?? '')
}

/** What is to be done with a webhook: `dry-run` means that the call itself is refused. */
export type Choice = 'skip' | 'call' | 'dry-run' | { readonly refused: ApiError }

/** Whether the webhook is called for the request as it is now. */
export function chooseHook(hook: Hook, attributes: AdmissionAttributes, deps: AdmissionDeps): Choice {
  const [verdict] = selectWebhooks([hook.alone], admissionRequest(attributes, deps))
  if (verdict === undefined) return 'skip'
  if (verdict.called === true) return 'call'
  const step = verdict.steps[verdict.deciding]
  if (verdict.reason === 'dry-run-refused') return 'dry-run'
  if (verdict.reason === 'match-condition-error-rejects') {
    return { refused: forbidden(attributes.resource, attributes.name, conditionErrors(step?.conditions ?? [])) }
  }
  if (verdict.rejected) return { refused: internalError(step?.detail ?? verdict.reason) }
  if (verdict.called === false) return 'skip'
  // What cannot be evaluated here must not look like a webhook that does not match.
  const why = `the local cluster cannot tell whether webhook ${JSON.stringify(hook.name)} is to be called: ${step?.detail ?? verdict.reason}`
  return { refused: internalError(why) }
}

/** Several errors are printed as a list. */
function conditionErrors(conditions: readonly ConditionResult[]): string {
  const errors = conditions
    .filter(({ result }) => result === 'error')
    .map(({ expression, message }) => `expression '${expression}' resulted in error: ${message ?? ''}`)
  return errors.length === 1 ? (errors[0] ?? '') : `[${errors.join(', ')}]`
}
