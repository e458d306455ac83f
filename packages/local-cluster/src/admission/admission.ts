import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { ApiError } from '../api/status.ts'
import { applyBuiltIns } from './builtin/index.ts'
import type { AdmissionDeps } from './deps.ts'
import { checkPolicies } from './policies/validating.ts'
import type { Admission, AdmissionAttributes, Admitted } from './types.ts'
import { warningRecorder } from './warnings.ts'
import { createCaller } from './webhooks/call.ts'
import type { RequestScope } from './webhooks/invoke.ts'
import { callMutatingWebhooks, noReinvocation } from './webhooks/mutating.ts'
import { callValidatingWebhooks } from './webhooks/validating.ts'

/** A refusal, with what was collected until then: warnings go to the client all the same. */
export class AdmissionError extends ApiError {
  readonly warnings: readonly string[]
  readonly auditAnnotations: Readonly<Record<string, string>>

  constructor(cause: ApiError, collected: Pick<Admitted, 'warnings' | 'auditAnnotations'>) {
    super(cause.code, cause.reason, cause.message, cause.details)
    this.warnings = collected.warnings
    this.auditAnnotations = collected.auditAnnotations
  }
}

/** The API server ends every request for a change after this. */
const REQUEST_MILLISECONDS = 34_000

/** Makes the admission of a cluster: built-in rules, then webhooks and policies, in the order of the API server. */
export function createAdmission(deps: AdmissionDeps): Admission {
  const post = createCaller(deps)
  const now = deps.now ?? Date.now
  return async (attributes, prepare) => {
    const recorder = warningRecorder()
    const annotations = new Map<string, string>()
    const scope: RequestScope = {
      post,
      now,
      deadline: now() + Math.min(REQUEST_MILLISECONDS, attributes.timeout ?? REQUEST_MILLISECONDS),
      warn: recorder.add,
      annotate: (key, value) => void annotations.set(key, value),
    }
    const collected = () => ({ warnings: recorder.list(), auditAnnotations: Object.fromEntries(annotations) })
    try {
      const mutated = await mutate(attributes, deps, scope)
      const object = mutated === undefined || prepare === undefined ? mutated : prepare(mutated)
      const final = { ...attributes, object, name: attributes.name || nameOf(object) }
      checkPolicies(final, deps, scope)
      await callValidatingWebhooks(final, deps, scope)
      return { object, ...collected() }
    } catch (error) {
      throw error instanceof ApiError ? new AdmissionError(error, collected()) : error
    }
  }
}

/** All mutating steps, and all of them once more when a webhook changed the object. */
async function mutate(
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
  scope: RequestScope,
): Promise<JsonObject | undefined> {
  const state = noReinvocation()
  const first = await round(attributes, deps, scope, state)
  if (!state.wanted) return first
  state.again = true
  return round({ ...attributes, object: first }, deps, scope, state)
}

async function round(
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
  scope: RequestScope,
  state: ReturnType<typeof noReinvocation>,
): Promise<JsonObject | undefined> {
  const object = applyBuiltIns(attributes, deps)
  return callMutatingWebhooks({ ...attributes, object }, deps, scope, state)
}

function nameOf(object: JsonObject | undefined): string {
  const metadata = object === undefined ? undefined : getOwn(object, 'metadata')
  const name = isObject(metadata) ? getOwn(metadata, 'name') : undefined
  return typeof name === 'string' ? name : ''
}
