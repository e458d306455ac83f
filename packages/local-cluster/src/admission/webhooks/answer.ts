import { getOwn, isArray, isObject, type Json, type JsonObject, quoteGo } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import { FAILED, type WebhookAnswer } from './call.ts'
import { CallError, messageOf } from './go-errors.ts'
import { jsonKind, typeProblem, unmarshalProblem } from './go-json.ts'
import type { ReviewVersion } from './review.ts'

/**
 * The AdmissionReview that the HTTP answer of a webhook holds.
 *
 * @throws CallError in the words of Kubernetes' REST client
 */
export function readReview(answer: WebhookAnswer, version: ReviewVersion): JsonObject {
  if (answer.status < 200 || answer.status > 206) throw new CallError(FAILED + statusProblem(answer))
  if (answer.body === '') {
    const type = answer.contentType === '' ? 'application/json' : answer.contentType
    throw new CallError(`${FAILED}0-length response with status code: ${answer.status} and content type: ${type}`)
  }
  const body = parse(answer.body)
  const problem = body.problem ?? kindProblem(body.value, version) ?? typeProblem(body.value, version)
  if (problem !== undefined) throw new CallError(FAILED + problem)
  return body.value ?? {}
}

type Parsed =
  | { readonly value: JsonObject; readonly problem?: never }
  | { readonly value?: never; readonly problem: string }

function parse(body: string): Parsed {
  const recognise = (words: string): Parsed => ({ problem: `couldn't get version/kind; json parse error: ${words}` })
  try {
    const value = JSON.parse(body) as Json
    if (value === null) return { value: {} }
    return isObject(value) ? { value } : recognise(notAnObject(jsonKind(value)))
  } catch (error) {
    // What does not begin like an object is read as YAML, where nearly every text is a text.
    const isJson = /^\s*\{/.test(body)
    return recognise(isJson ? unmarshalProblem(body, messageOf(error)) : notAnObject('string'))
  }
}

function notAnObject(kind: string): string {
  const target =
    'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'
  return `json: cannot unmarshal ${kind} into Go value of type ${target}`
}

/** Where the API server's types are registered; it prints the place. */
const SCHEME = 'pkg/runtime/scheme.go:111'

/** An object without kind and version counts as what was wanted. */
function kindProblem(value: JsonObject, version: ReviewVersion): string | undefined {
  const kind = textAt(value, 'kind') ?? ''
  const apiVersion = textAt(value, 'apiVersion') ?? ''
  if (kind === '' && apiVersion === '') return undefined
  const known = /^admission\.k8s\.io\/(v1|v1beta1)$/.exec(apiVersion)?.[1]
  if (kind === 'AdmissionReview' && known !== undefined) {
    return known === version ? undefined : conversion(`${known}.AdmissionReview`, version)
  }
  if (kind === 'Status' && apiVersion === 'v1') return conversion('v1.Status', version)
  return `no kind ${quoteGo(kind)} is registered for version ${quoteGo(apiVersion)} in scheme ${quoteGo(SCHEME)}`
}

function conversion(from: string, version: ReviewVersion): string {
  return `converting (${from}) to (${version}.AdmissionReview): unknown conversion`
}

/** Texts for codes (apimachinery, NewGenericServerResponse), unless the webhook answered with a Status. */
const MESSAGES = new Map([
  [400, 'the server rejected our request for an unknown reason'],
  [401, 'the server has asked for the client to provide credentials'],
  [404, 'the server could not find the requested resource'],
  [405, 'the server does not allow this method on the requested resource'],
  [409, 'the server reported a conflict'],
  [422, 'the server rejected our request due to an error in our request'],
  [429, 'the server has received too many requests and has asked us to try again later'],
  [503, 'the server is currently unable to handle the request'],
  [504, 'the server was unable to return a response in the time allotted, but may still be processing the request'],
])
/** The webhook's own words are kept for these. */
const WITH_OWN_WORDS = new Set([403, 415])
const MAX_OWN_WORDS = 2048

function statusProblem(answer: WebhookAnswer): string {
  const status = parse(answer.body).value ?? {}
  if (textAt(status, 'kind') === 'Status' && textAt(status, 'status') !== 'Success') {
    return textAt(status, 'message') ?? ''
  }
  const isText = answer.contentType === '' || /^\s*text\//i.test(answer.contentType)
  const words = isText ? answer.body.slice(0, MAX_OWN_WORDS).trim() : 'unknown'
  if (WITH_OWN_WORDS.has(answer.status)) return words
  if (answer.status === 406) {
    const none = words === '' || words === 'unknown'
    return none ? 'the server was unable to respond with a content type that the client supports' : words
  }
  const known = MESSAGES.get(answer.status)
  if (known !== undefined) return known
  return answer.status >= 500
    ? `an error on the server (${quoteGo(words)}) has prevented the request from succeeding`
    : `the server responded with the status code ${answer.status} but did not return more information`
}

function textAt(object: JsonObject, key: string): string | undefined {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : undefined
}

/** What a refusal of a webhook becomes (apiserver, webhook/errors ToStatusErr). */
export function denial(webhook: string, result: JsonObject = {}): ApiError {
  const denied = `admission webhook ${quoteGo(webhook)} denied the request`
  const given = getOwn(result, 'code')
  const details = getOwn(result, 'details')
  const reason = textAt(result, 'reason') ?? ''
  const because = textAt(result, 'message') || reason
  return new ApiError(
    typeof given === 'number' && given >= 400 ? given : 400,
    reason,
    because === '' ? `${denied} without explanation` : `${denied}: ${because}`,
    isObject(details) && !isArray(details) ? details : undefined,
  )
}
