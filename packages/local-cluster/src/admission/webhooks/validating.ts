import type { AdmissionDeps } from '../deps.ts'
import { internalError, timeoutError } from '../refusals.ts'
import type { AdmissionAttributes } from '../types.ts'
import { chooseHook, type Hook, hooksOf } from './hooks.ts'
import { invoke, type RequestScope, WebhookCallError } from './invoke.ts'

const FAILED_OPEN = 'failed-open.validating.webhook.admission.k8s.io/'

/**
 * Asks all validating webhooks at the same time (apiserver, webhook/validating dispatcher).
 *
 * @throws ApiError the first refusal that came
 */
export async function callValidatingWebhooks(
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
  scope: RequestScope,
): Promise<void> {
  const called: Hook[] = []
  for (const hook of hooksOf('ValidatingWebhookConfiguration', deps)) {
    const choice = chooseHook(hook, attributes, deps)
    if (typeof choice === 'object') throw choice.refused
    if (choice !== 'skip') called.push(hook)
  }
  if (called.length === 0) return
  if (scope.now() >= scope.deadline) throw timeoutError('request did not complete within requested timeout')
  const refusals: unknown[] = []
  await Promise.all(
    called.map((hook, index) =>
      callOne(hook, attributes, scope, index).catch((error: unknown) => void refusals.push(error)),
    ),
  )
  if (refusals.length > 0) throw refusals[0]
}

async function callOne(hook: Hook, attributes: AdmissionAttributes, scope: RequestScope, index: number): Promise<void> {
  try {
    await invoke(hook, attributes, scope, false)
  } catch (error) {
    if (!(error instanceof WebhookCallError)) throw error
    if (hook.failurePolicy === 'Fail') throw internalError(error.message)
    scope.annotate(`${FAILED_OPEN}round_0_index_${index}`, hook.name)
  }
}
