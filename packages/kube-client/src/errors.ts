import type { JsonObject } from '@proa/kube'

/** The API server refused: its Status object. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  /** HTTP status. */
  readonly code: number
  /** `NotFound`, `AlreadyExists`, `Conflict`, `Forbidden`, `Invalid` … */
  readonly reason: string
  readonly status: JsonObject

  constructor(message: string, code: number, reason: string, status: JsonObject) {
    super(message)
    this.code = code
    this.reason = reason
    this.status = status
  }
}

/** The API server could not be reached, or broke off. The message names the server and what to look at. */
export class ConnectionError extends Error {
  override readonly name = 'ConnectionError'
  /** There was a way to it, but no answer in time. */
  readonly timedOut: boolean

  constructor(message: string, options: { readonly cause?: unknown; readonly timedOut?: boolean } = {}) {
    super(message, 'cause' in options ? { cause: options.cause } : {})
    this.timedOut = options.timedOut ?? false
  }
}

/** The kubeconfig cannot be used: the message says which file, what is wrong in it and what to do. */
export class KubeConfigError extends Error {
  override readonly name = 'KubeConfigError'
}

export function isNotFound(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'NotFound'
}

export function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'Conflict'
}

export function isAlreadyExists(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'AlreadyExists'
}

export function isForbidden(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'Forbidden'
}

/** The point from which a list or a watch should go on is not known to the server any more. */
export function isExpired(error: unknown): boolean {
  return error instanceof StatusError && (error.code === 410 || error.reason === 'Expired' || error.reason === 'Gone')
}
