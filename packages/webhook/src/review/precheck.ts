import { plain, undecodable } from './answer.ts'
import type { RefusalReason } from './reasons.ts'
import type { Answer, Reviewed } from './types.ts'

/**
 * No review is longer, in bytes: etcd takes objects of 1.5 MiB, JSON can make three times that of them, and a review holds the
 * object twice at most. Istio has the same limit.
 */
export const LARGEST_BODY = 6 * 1024 * 1024

/** The headers that say how the body is to be read. */
export interface BodyHeaders {
  readonly contentType: string
  readonly contentEncoding: string
}

/** What can be said before the body is parsed, in Istio's order; undefined when it can be parsed. */
export function refuseUnread(length: number, headers: BodyHeaders): Reviewed | undefined {
  if (length > LARGEST_BODY) return refused('BodyTooLarge', `Request entity too large: limit is ${LARGEST_BODY}`, 400)
  if (length === 0) return refused('NoBody', 'no body found', 400)
  if (headers.contentType !== 'application/json') {
    return refused('WrongContentType', 'invalid Content-Type, want `application/json`', 415)
  }
  const encoding = headers.contentEncoding.trim().toLowerCase()
  if (encoding === '' || encoding === 'identity') return undefined
  const message = `the body has Content-Encoding ${JSON.stringify(encoding.slice(0, 40))}; send it as it is`
  return withFacts('ContentEncoding', message, undecodable({ reason: 'ContentEncoding', message }))
}

/** An answer without a review: the request could not be read, or the injector is at fault. */
export function refused(reason: Reviewed['facts']['reason'], message: string, status: number): Reviewed {
  return withFacts(reason, message, plain(status, message))
}

export function withFacts(
  reason: RefusalReason | Reviewed['facts']['reason'],
  message: string,
  answer: Answer,
): Reviewed {
  return { answer, facts: { outcome: 'failed', reason, message, uid: '', namespace: '', pod: '', dryRun: false } }
}
