import type { JsonObject } from '@proa/kube'
import { ApiError } from './status.ts'

/** What a refusal is about: a resource and its name. */
export interface Subject {
  readonly group: string
  readonly resource: string
}

/** `deployments.apps`, `pods` */
export function qualified({ group, resource }: Subject): string {
  return group === '' ? resource : `${resource}.${group}`
}

function details({ group, resource }: Subject, name: string): JsonObject {
  return { ...(name === '' ? {} : { name }), ...(group === '' ? {} : { group }), kind: resource }
}

export function notFound(subject: Subject, name: string): ApiError {
  return new ApiError(404, 'NotFound', `${qualified(subject)} "${name}" not found`, details(subject, name))
}

/** No such path: a group, version or resource that is not served. */
export function pathNotFound(): ApiError {
  return new ApiError(404, 'NotFound', 'the server could not find the requested resource', {})
}

export function alreadyExists(subject: Subject, name: string): ApiError {
  return new ApiError(409, 'AlreadyExists', `${qualified(subject)} "${name}" already exists`, details(subject, name))
}

export function conflict(subject: Subject, name: string, why: string): ApiError {
  const message = `Operation cannot be fulfilled on ${qualified(subject)} "${name}": ${why}`
  return new ApiError(409, 'Conflict', message, details(subject, name))
}

export const MODIFIED = 'the object has been modified; please apply your changes to the latest version and try again'

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

/** One entry of `details.causes`. */
export interface Cause {
  /** `FieldValueInvalid`, `FieldValueRequired` … */
  readonly reason: string
  readonly message: string
  readonly field: string
}

/** 422: `Pod "x" is invalid: spec.containers: Required value`. */
export function invalid(kind: { group: string; kind: string }, name: string, causes: readonly Cause[]): ApiError {
  // Equal texts are printed once, while each stays a cause.
  const texts = [...new Set(causes.map((cause) => `${cause.field}: ${cause.message}`))]
  const qualifiedKind = kind.group === '' ? kind.kind : `${kind.kind}.${kind.group}`
  const list = texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`
  return new ApiError(422, 'Invalid', `${qualifiedKind} "${name}" is invalid: ${list}`, {
    ...(name === '' ? {} : { name }),
    ...(kind.group === '' ? {} : { group: kind.group }),
    ...(kind.kind === '' ? {} : { kind: kind.kind }),
    causes: causes.map((cause) => ({ ...cause })),
  })
}

export function methodNotAllowed(): ApiError {
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}

/** A refusal without a reason: what the API server makes of errors that it did not foresee. */
export function unforeseen(message: string): ApiError {
  return new ApiError(500, '', message)
}

/** No API at all at that path: the answer is no Status but a text. */
export class PageNotFound extends Error {
  override readonly name = 'PageNotFound'
}

export function expired(message: string): ApiError {
  return new ApiError(410, 'Expired', message)
}

export function unsupportedMediaType(accepted: string): ApiError {
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `the body of the request was in an unknown format - accepted media types include: ${accepted}`,
  )
}

export function notAcceptable(accepted: string): ApiError {
  return new ApiError(406, 'NotAcceptable', `only the following media types are accepted: ${accepted}`)
}

export function tooLarge(limit: number): ApiError {
  return new ApiError(413, 'RequestEntityTooLarge', `limit is ${limit}`)
}

export function internal(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
}
