import type { JsonObject } from '../json.ts'
import { type ConditionOutcome, evaluateCondition } from './cel/evaluate.ts'
import { celRequest } from './cel/request.ts'
import { celValue } from './cel/values.ts'
import type { MatchCondition, MutatingWebhook } from './configuration.ts'
import type { AdmissionRequest } from './request.ts'
import { type ConditionResult, found, step, type WebhookStep } from './verdict.ts'

/**
 * The match conditions, all of which must be true. The API server's reading (matchconditions of apiserver): one
 * false condition means "not called" whatever the others give; else one error means that failurePolicy decides:
 * Fail refuses the request, Ignore goes on without the webhook.
 */
export function askMatchConditions(webhook: MutatingWebhook, request: AdmissionRequest): WebhookStep {
  const id = 'matchConditions'
  if (webhook.matchConditions.length === 0) return step(id, 'pass', 'no-match-conditions')
  const results = evaluateAll(webhook.matchConditions, request)
  const evidence = results.map((result, index) =>
    found(`webhook.matchConditions[${index}].expression`, result.expression),
  )
  const failed = (result: ConditionResult) => result.result === 'error'
  const deciding =
    results.find((result) => result.result === 'false') ??
    results.find((result) => result.result === 'unknown') ??
    results.find(failed)
  const rest = { conditions: results, params: deciding === undefined ? {} : { condition: deciding.name } }
  const detail = deciding?.message === undefined ? {} : { detail: deciding.message }
  switch (deciding?.result) {
    case undefined:
      return step(id, 'pass', 'match-conditions-true', evidence, rest)
    case 'false':
      return step(id, 'fail', 'match-condition-false', evidence, rest)
    case 'error':
      return webhook.failurePolicy === 'Ignore'
        ? step(id, 'fail', 'match-condition-error-ignored', evidence, { ...rest, ...detail })
        : step(id, 'reject', 'match-condition-error-rejects', evidence, { ...rest, ...detail })
    default:
      return undecided(webhook, results, evidence, { ...rest, ...detail })
  }
}

/** With failurePolicy Ignore an error means "not called" already, whatever the unknown condition would give. */
function undecided(
  webhook: MutatingWebhook,
  results: readonly ConditionResult[],
  evidence: WebhookStep['found'],
  rest: Pick<WebhookStep, 'conditions' | 'detail' | 'params'>,
): WebhookStep {
  const error = results.find((result) => result.result === 'error')
  if (error === undefined || webhook.failurePolicy === 'Fail') {
    return step('matchConditions', 'unknown', 'match-condition-unknown', evidence, rest)
  }
  const params = { condition: error.name }
  const detail = error.message === undefined ? {} : { detail: error.message }
  return step('matchConditions', 'fail', 'match-condition-error-ignored', evidence, { ...rest, ...detail, params })
}

function evaluateAll(conditions: readonly MatchCondition[], request: AdmissionRequest): ConditionResult[] {
  const variables = {
    object: celObject(request.object),
    oldObject: celObject(request.oldObject),
    request: celRequest(request),
  }
  return conditions.map(({ name, expression }) => {
    const outcome = evaluateCondition(expression, variables)
    const known = request.userInfo !== undefined || !hangsOnUser(expression, outcome)
    return { name, expression, ...(known ? outcome : { result: 'unknown' as const, message: UNKNOWN_USER }) }
  })
}

const UNKNOWN_USER = 'it asks for request.userInfo, and who creates the object is not known'

/**
 * Every real request has a user, so where none is given an error for its absence says nothing, and neither does an answer
 * that `has()` gave. What came out without reading a field of the user holds for every user.
 */
function hangsOnUser(expression: string, { result }: ConditionOutcome): boolean {
  if (!expression.includes('userInfo')) return false
  return result === 'error' || /\bhas\s*\(|\?/.test(expression)
}

function celObject(object: JsonObject | null | undefined) {
  return celValue(object ?? null)
}
