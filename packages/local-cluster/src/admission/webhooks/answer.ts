import { getOwn, isObject, type Json, type JsonObject, quoteGo } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import { FAILED, type WebhookAnswer } from './call.ts'
import { CallError, messageOf } from './go-errors.ts'

/**
 * What the HTTP answer of a webhook holds.
 *
 * @throws CallError in the words of Kubernetes' REST client
 */
export function readReview(answer: WebhookAnswer): JsonObject {
  const parsed = tryParse(answer.body)
  const status = isObject(parsed.value) && getOwn(parsed.value, 'kind') === 'Status' ? parsed.value : undefined
  if (answer.status < 200 || answer.status > 206) throw new CallError(FAILED + statusProblem(answer, status))
  if (answer.body === '') {
    const type = answer.contentType === '' ? 'application/json' : answer.contentType
    throw new CallError(`${FAILED}0-length response with status code: ${answer.status} and content type: ${type}`)
  }
  if (!isObject(parsed.value)) {
    throw new CallError(
      `${FAILED}couldn't get version/kind; json parse error: ${parsed.problem ?? notAnObject(parsed.value)}`,
    )
  }
  if (status !== undefined && getOwn(status, 'status') !== 'Success') {
    throw new CallError(FAILED + (textAt(status, 'message') ?? ''))
  }
  return parsed.value
}

function tryParse(body: string): { readonly value?: Json; readonly problem?: string } {
  try {
    return { value: JSON.parse(body) as Json }
  } catch (error) {
    return { problem: goJsonProblem(body, messageOf(error)) }
  }
}

const SHOWN_TYPE =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

function notAnObject(value: Json | undefined): string {
  const kind = Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
  return `json: cannot unmarshal ${kind} into Go value of type ${SHOWN_TYPE}`
}

/** Go's words for a text that is no JSON; the commonest ones only. */
function goJsonProblem(body: string, fallback: string): string {
  const trimmed = body.trimStart()
  const first = [...trimmed][0]
  if (first === undefined) return 'unexpected end of JSON input'
  if (!/[[{"\d\-tfn]/.test(first)) return `invalid character ${quoteCharacter(first)} looking for beginning of value`
  const at = /at position (\d+)/.exec(fallback)?.[1]
  const character = at === undefined ? undefined : [...body.slice(Number(at))][0]
  return character === undefined
    ? 'unexpected end of JSON input'
    : `invalid character ${quoteCharacter(character)} ${place(fallback)}`
}

function place(fallback: string): string {
  if (fallback.includes('property name')) return 'looking for beginning of object key string'
  if (fallback.includes("':'")) return 'after object key'
  if (fallback.includes("','") && fallback.includes('property')) return 'after object key:value pair'
  if (fallback.includes("','")) return 'after array element'
  return fallback.includes('after JSON') ? 'after top-level value' : 'looking for beginning of value'
}

function quoteCharacter(character: string): string {
  return character === "'" ? `'\\''` : `'${quoteGo(character).slice(1, -1).replace('\\"', '"')}'`
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

function statusProblem(answer: WebhookAnswer, status: JsonObject | undefined): string {
  if (status !== undefined && getOwn(status, 'status') !== 'Success') return textAt(status, 'message') ?? ''
  const isText = answer.contentType === '' || /^\s*text\//i.test(answer.contentType)
  const words = isText ? answer.body.slice(0, MAX_OWN_WORDS).trim() : 'unknown'
  if (WITH_OWN_WORDS.has(answer.status)) return words
  if (answer.status === 406) {
    const none = words === '' || words === 'unknown'
    return none ? 'the server was unable to respond with a content type that the client supports' : words
  }
  const known = MESSAGES.get(answer.status)
  if (known !== undefined) return known
  if (answer.status >= 500) {
    return `an error on the server (${quoteGo(words)}) has prevented the request from succeeding`
  }
  return `the server responded with the status code ${answer.status} but did not return more information`
}

function textAt(object: JsonObject, key: string): string | undefined {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : undefined
}

/** What a refusal of a webhook becomes (apiserver, webhook/errors ToStatusErr). */
export function denial(webhook: string, result: JsonObject | undefined): ApiError {
  const denied = `admission webhook ${quoteGo(webhook)} denied the request`
  const given = result === undefined ? undefined : getOwn(result, 'code')
  const code = typeof given === 'number' && given >= 400 ? given : 400
  const message = result === undefined ? '' : (textAt(result, 'message') ?? '')
  const reason = result === undefined ? '' : (textAt(result, 'reason') ?? '')
  const details = result === undefined ? undefined : getOwn(result, 'details')
  const text =
    message !== '' ? `${denied}: ${message}` : reason !== '' ? `${denied}: ${reason}` : `${denied} without explanation`
  return new ApiError(code, reason, text, isObject(details) ? details : undefined)
}
