import { deepEqual, getOwn, isArray, isObject, type Json, type JsonObject, quoteGo } from '@proa/kube'
import { applyDefaults } from '../../defaults/index.ts'
import type { AdmissionDeps } from '../deps.ts'
import { internalError, timeoutError } from '../refusals.ts'
import type { AdmissionAttributes } from '../types.ts'
import { messageOf } from './go-errors.ts'
import { jsonKind, unmarshalProblem } from './go-json.ts'
import { chooseHook, type Hook, hooksOf } from './hooks.ts'
import { invoke, type RequestScope, WebhookCallError } from './invoke.ts'
import { applyJsonPatch, JsonPatchError } from './json-patch.ts'
import type { WebhookVerdictAnswer } from './review.ts'

const MUTATION = 'mutation.webhook.admission.k8s.io/'
const PATCH = 'patch.webhook.admission.k8s.io/'
const FAILED_OPEN = `failed-open.${MUTATION}`

/** Which webhooks are asked a second time. One per request; lives through both rounds. */
export interface Reinvocation {
  /** The second round is under way. */
  again: boolean
  /** A webhook changed the object, so there will be a second round. */
  wanted: boolean
  /** What the last webhook round left behind. */
  lastOutput: JsonObject | undefined
  invoked: Set<string>
  readonly due: Set<string>
}

export function noReinvocation(): Reinvocation {
  return { again: false, wanted: false, lastOutput: undefined, invoked: new Set(), due: new Set() }
}

/** Whoever was asked before with reinvocationPolicy IfNeeded is asked again. */
function requireAgain(state: Reinvocation): void {
  for (const uid of state.invoked) state.due.add(uid)
  state.invoked = new Set()
}

/**
 * One round of the mutating webhooks, one after the other, each on what the ones before it left (apiserver,
 * webhook/mutating dispatcher). Returns the object.
 *
 * @throws ApiError
 */
export async function callMutatingWebhooks(
  attributes: AdmissionAttributes,
  deps: AdmissionDeps,
  scope: RequestScope,
  state: Reinvocation,
): Promise<JsonObject | undefined> {
  const hooks = hooksOf('MutatingWebhookConfiguration', deps)
  if (state.again && !deepEqual(state.lastOutput, attributes.object)) requireAgain(state)
  let current = attributes
  try {
    for (const [index, hook] of hooks.entries()) {
      const choice = chooseHook(hook, current, deps)
      if (typeof choice === 'object') throw choice.refused
      // A webhook that did not match in the first round is not asked in the second.
      if (choice === 'skip' || (state.again && !state.due.has(hook.uid))) continue
      const suffix = `round_${state.again ? 1 : 0}_index_${index}`
      current = { ...current, object: await callOne(hook, current, deps, scope, state, suffix) }
    }
  } finally {
    state.lastOutput = current.object
  }
  return current.object
}

async function callOne(
  hook: Hook,
  attributes: AdmissionAttributes,
  { decode = (_, patched) => patched }: AdmissionDeps,
  scope: RequestScope,
  state: Reinvocation,
  suffix: string,
): Promise<JsonObject | undefined> {
  let object = attributes.object
  let mutated = false
  try {
    const answer = await invoke(hook, attributes, scope, true)
    const read = (one: JsonObject) => decode(attributes.resource, one, internalError)
    const patched = applyAnswer(hook, answer, object, read)
    if (patched !== undefined) {
      mutated = !deepEqual(object, patched.object)
      scope.annotate(`${PATCH}${suffix}`, patchAnnotation(hook, patched.patch))
      object = patched.object
    }
  } catch (error) {
    remember(hook, state, mutated)
    if (!(error instanceof WebhookCallError)) throw error
    if (hook.failurePolicy === 'Fail') throw internalError(error.message)
    scope.annotate(`${FAILED_OPEN}${suffix}`, hook.name)
    if (scope.now() >= scope.deadline) throw timeoutError('request did not complete within the allotted timeout')
    return object
  } finally {
    scope.annotate(`${MUTATION}${suffix}`, goJson({ configuration: hook.configuration, webhook: hook.name, mutated }))
  }
  remember(hook, state, mutated)
  return object
}

function remember(hook: Hook, state: Reinvocation, mutated: boolean): void {
  if (mutated) {
    requireAgain(state)
    state.wanted = true
  }
  if (getOwn(hook.spec, 'reinvocationPolicy') === 'IfNeeded') state.invoked.add(hook.uid)
}

interface Patched {
  readonly object: JsonObject
  readonly patch: readonly JsonObject[]
}

/** Undefined when the webhook wants no change. */
function applyAnswer(
  hook: Hook,
  answer: WebhookVerdictAnswer,
  object: JsonObject | undefined,
  read: (patched: JsonObject) => JsonObject,
): Patched | undefined {
  if (answer.patch === '') return undefined
  const patch = decodePatch(hook, answer.patch)
  if (patch.length === 0) return undefined
  if (object === undefined) {
    const what = 'attempted to modify the object, which is not supported for this operation'
    throw internalError(`admission webhook ${quoteGo(hook.name)} ${what}`)
  }
  if (answer.patchType !== 'JSONPatch') {
    throw new WebhookCallError(
      `failed calling webhook ${quoteGo(hook.name)}: unsupported patch type ${quoteGo(answer.patchType)}`,
    )
  }
  return { object: applyDefaults(read(patchedObject(object, patch))), patch }
}

function decodePatch(hook: Hook, text: string): readonly JsonObject[] {
  const undecodable = (words: string) =>
    new WebhookCallError(
      `failed calling webhook ${quoteGo(hook.name)}: received undecodable patch in webhook response: ${words}`,
    )
  let patch: Json
  try {
    patch = JSON.parse(text) as Json
  } catch (error) {
    throw undecodable(unmarshalProblem(text, messageOf(error)))
  }
  if (patch === null) return []
  const type = (value: Json, name: string) =>
    undecodable(`json: cannot unmarshal ${jsonKind(value)} into Go value of type jsonpatch.${name}`)
  if (!isArray(patch)) throw type(patch, 'Patch')
  return patch.map((one) => {
    if (one === null) return {}
    if (isObject(one)) return one
    throw type(one, 'Operation')
  })
}

function patchedObject(object: JsonObject, patch: readonly JsonObject[]): JsonObject {
  try {
    const patched = applyJsonPatch(object, patch)
    if (isObject(patched)) return patched
    throw internalError(`json: cannot unmarshal ${jsonKind(patched)} into Go value of type ${kindOf(object)}`)
  } catch (error) {
    if (error instanceof JsonPatchError) throw internalError(error.message)
    throw error
  }
}

function kindOf(object: JsonObject): string {
  return String(getOwn(object, 'kind') ?? '')
}

function patchAnnotation(hook: Hook, patch: readonly JsonObject[]): string {
  return goJson({ configuration: hook.configuration, webhook: hook.name, patch, patchType: 'JSONPatch' })
}

/** Go's JSON writes these three as escapes. */
function goJson(value: Json): string {
  return JSON.stringify(value).replace(/[<>&]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
