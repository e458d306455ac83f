import { STATUS_CODES } from 'node:http'
import { getOwn, isObject, type Json, type JsonObject } from '@proa/kube'
import { StatusError } from '../errors.ts'

/** Reasons for answers that carry no Status object, as a load balancer or proxy gives them. */
const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  406: 'NotAcceptable',
  409: 'Conflict',
  410: 'Gone',
  413: 'RequestEntityTooLarge',
  415: 'UnsupportedMediaType',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
}

/** The error that a Status object is. */
export function statusError(status: JsonObject, code: number): StatusError {
  const own = getOwn(status, 'code')
  const number = typeof own === 'number' && own !== 0 ? own : code
  const reason = textIn(status, 'reason') ?? REASONS[number] ?? 'Unknown'
  return new StatusError(textIn(status, 'message') ?? describe(number), number, reason, status)
}

/** The error for an answer that is not 2xx. */
export function refusal(code: number, body: string): StatusError {
  const parsed = parse(body)
  // The API server's timeout filter leaves out kind and apiVersion.
  const kind = isObject(parsed) ? (getOwn(parsed, 'kind') ?? (getOwn(parsed, 'status') === 'Failure' && 'Status')) : ''
  if (isObject(parsed) && kind === 'Status') return statusError(parsed, code)
  const said = body.trim().slice(0, 300)
  const message = said === '' ? describe(code) : `${describe(code)}: ${said}`
  return statusError({ apiVersion: 'v1', kind: 'Status', status: 'Failure', message, code }, code)
}

function parse(body: string): Json | undefined {
  try {
    return JSON.parse(body) as Json
  } catch {
    return undefined
  }
}

function describe(code: number): string {
  return `the API server answered ${code} ${STATUS_CODES[code] ?? ''}`.trim()
}

function textIn(object: JsonObject, key: string): string | undefined {
  const value = getOwn(object, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}
