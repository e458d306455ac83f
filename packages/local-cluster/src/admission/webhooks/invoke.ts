import { randomUUID } from 'node:crypto'
import { getOwn, isObject, quoteGo } from '@proa/kube'
import { badRequest } from '../refusals.ts'
import type { AdmissionAttributes } from '../types.ts'
import { denial, readReview } from './answer.ts'
import type { PostToWebhook, WebhookAnswer } from './call.ts'
import { CallError, messageOf } from './go-errors.ts'
import type { Hook } from './hooks.ts'
import { admissionReview, reviewVersion, verifyReview, type WebhookVerdictAnswer } from './review.ts'
import { readTarget } from './target.ts'

/** The call failed, so that failurePolicy decides. The message begins `failed calling webhook "x": `. */
export class WebhookCallError extends Error {
  override readonly name = 'WebhookCallError'
}

/** What all calls of one request share. */
export interface RequestScope {
  readonly post: PostToWebhook
  /** Milliseconds since 1970 when the request as a whole has run out of time. */
  readonly deadline: number
  readonly now: () => number
  warn(text: string): void
  annotate(key: string, value: string): void
}

/** Attempts while the webhook asks for patience with `Retry-After`. */
const MAX_RETRIES = 10

/**
 * Asks one webhook.
 *
 * @throws WebhookCallError when there is no valid answer
 * @throws ApiError when the webhook refuses, or may not be called in a dry run
 */
export async function invoke(
  hook: Hook,
  attributes: AdmissionAttributes,
  scope: RequestScope,
  mutating: boolean,
): Promise<WebhookVerdictAnswer> {
  if (attributes.dryRun) checkSideEffects(hook)
  const answer = await ask(hook, attributes, scope, mutating).catch((error: unknown) => {
    if (!(error instanceof CallError)) throw error
    throw new WebhookCallError(`failed calling webhook ${quoteGo(hook.name)}: ${error.message}`)
  })
  for (const [key, value] of Object.entries(answer.auditAnnotations)) scope.annotate(`${hook.name}/${key}`, value)
  for (const warning of answer.warnings) scope.warn(warning)
  if (!answer.allowed) throw denial(hook.name, answer.result)
  return answer
}

function checkSideEffects(hook: Hook): void {
  const sideEffects = getOwn(hook.spec, 'sideEffects')
  if (sideEffects === 'None' || sideEffects === 'NoneOnDryRun') return
  throw badRequest(`admission webhook ${quoteGo(hook.name)} does not support dry run`)
}

async function ask(
  hook: Hook,
  attributes: AdmissionAttributes,
  scope: RequestScope,
  mutating: boolean,
): Promise<WebhookVerdictAnswer> {
  const version = reviewVersion(getOwn(hook.spec, 'admissionReviewVersions'))
  if (version === undefined) {
    const none = 'webhook does not accept known AdmissionReview versions (v1, v1beta1)'
    throw new CallError(`could not create admission objects: ${none}`)
  }
  const uid = randomUUID()
  const body = JSON.stringify(admissionReview(version, uid, attributes))
  const review = readReview(await exchange(hook, body, scope), version)
  return verifyReview(review, version, uid, mutating)
}

const MILLISECONDS = 1000

/** The webhook's own time, or what is left of the request's. */
async function exchange(hook: Hook, body: string, scope: RequestScope): Promise<WebhookAnswer> {
  const left = Math.min(hook.timeoutSeconds * MILLISECONDS, scope.deadline - scope.now())
  const controller = new AbortController()
  const timer = setTimeout(() => controller.abort(), Math.max(left, 0))
  try {
    const target = readHookTarget(hook)
    const timeoutSeconds = Math.max(Math.ceil(left / MILLISECONDS), 1)
    for (let attempt = 0; ; attempt += 1) {
      const answer = await scope.post(target, body, timeoutSeconds, controller.signal)
      const { retryAfter, status } = answer
      const again = retryAfter !== undefined && (status === 429 || status >= 500) && attempt < MAX_RETRIES
      if (!again) return answer
      await pause(retryAfter * MILLISECONDS, controller.signal)
    }
  } finally {
    clearTimeout(timer)
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => reject(new CallError('failed to call webhook: context deadline exceeded'))
    if (signal.aborted) return end()
    const timer = setTimeout(() => {
      signal.removeEventListener('abort', end)
      resolve()
    }, milliseconds)
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      end()
    })
  })
}

function readHookTarget(hook: Hook) {
  const config = getOwn(hook.spec, 'clientConfig')
  try {
    return readTarget(isObject(config) ? config : {})
  } catch (error) {
    throw new CallError(`could not get REST client: ${messageOf(error)}`)
  }
}
