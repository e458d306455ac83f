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
}

export function isNotFound(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'NotFound'
}

export function isConflict(error: unknown): boolean {
  return error instanceof StatusError && error.reason === 'Conflict'
}
