import type { UnreadReason } from '@proa/doctor'
import { ConnectionError, isNotFound, KubeConfigError, StatusError } from '@proa/kube-client'

/** Why something could not be read. */
export interface Refusal {
  readonly reason: UnreadReason
  readonly message: string
}

/** @throws what is no answer of a server: a mistake of ours */
export function refusalOf(error: unknown): Refusal {
  if (error instanceof StatusError) return { reason: statusReason(error), message: error.message }
  if (error instanceof ConnectionError) {
    return { reason: error.timedOut ? 'timeout' : 'unreachable', message: error.message }
  }
  if (error instanceof KubeConfigError) return { reason: 'error', message: error.message }
  throw error
}

function statusReason(error: StatusError): UnreadReason {
  if (error.code === 401 || error.code === 403) return 'forbidden'
  if (isNotFound(error) || error.code === 404) return 'not-served'
  return error.code === 504 || error.reason === 'Timeout' || error.reason === 'ServerTimeout' ? 'timeout' : 'error'
}
