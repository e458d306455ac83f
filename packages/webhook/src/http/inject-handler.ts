import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '../log/logger.ts'
import type { ServerMetrics } from '../metrics/metrics.ts'
import { LARGEST_BODY, refused, refuseUnread } from '../review/precheck.ts'
import type { Reviewer } from '../review/reviewer.ts'
import type { Reviewed, ReviewFacts } from '../review/types.ts'
import { MOST_DISCARDED, readBody } from './body.ts'
import { SELF_CHECK_HEADER, type SelfCheckToken } from './self-check.ts'

export interface InjectHandlerOptions {
  readonly reviewer: Reviewer
  readonly metrics: ServerMetrics
  readonly logger: Logger
  readonly selfCheck: SelfCheckToken
  /** "" is the default revision. */
  readonly revision: () => string
  /** Then the client is asked to take another connection for what comes next. */
  readonly isDraining: () => boolean
  /** Told after the answer was sent. */
  readonly onRefusal: (facts: ReviewFacts) => void
}

/** Answers a request to `/inject`, and writes the answer exactly once. */
export type InjectHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  path: string | undefined,
  /** Lets the client send its body, where it waits for that. */
  proceed?: () => void,
) => void

export function createInjectHandler(options: InjectHandlerOptions): InjectHandler {
  const { reviewer, selfCheck, isDraining } = options
  return (request, response, path, proceed) => {
    const lane = selfCheck.laneOf(request.headers[SELF_CHECK_HEADER])
    const answer = lane === undefined ? settlement(options, response) : answerSelfCheck(response)
    const settle: Settle = (reviewed, generation) => {
      // It may have begun while the body was on its way.
      if (isDraining()) response.shouldKeepAlive = false
      answer(reviewed, generation)
    }
    if (path === undefined) return settle(refused('InvalidPath', 'the path is not percent-encoded UTF-8', 400), 0)
    const announced = Number(request.headers['content-length'] ?? 0)
    // Whoever asks before sending can be told so at once; so is who would send for ever.
    if (announced > (proceed === undefined ? MOST_DISCARDED : LARGEST_BODY)) {
      response.shouldKeepAlive = false
      return settle(refuseUnread(announced, NO_HEADERS) ?? tooLarge(announced), 0)
    }
    proceed?.()
    readBody(request, (body, length) => {
      if (body === undefined)
        return settle(refused('ClientGone', 'the client went away before it had sent its body', 408), 0)
      if (length > MOST_DISCARDED) response.shouldKeepAlive = false
      const unread = refuseUnread(length, {
        contentType: request.headers['content-type'] ?? '',
        contentEncoding: request.headers['content-encoding'] ?? '',
      })
      if (unread !== undefined) return settle(unread, 0)
      reviewer.review({ body, path }, settle, lane)
    })
  }
}

const NO_HEADERS = { contentType: 'application/json', contentEncoding: '' }

function tooLarge(length: number): Reviewed {
  return refused('BodyTooLarge', `Request entity too large: ${length}`, 400)
}

type Settle = (reviewed: Reviewed, generation: number) => void

function settlement({ metrics, logger, revision, onRefusal }: InjectHandlerOptions, response: ServerResponse): Settle {
  const start = performance.now()
  const count = metrics.reviewStarted()
  return (reviewed) => {
    const { facts } = reviewed
    write(response, reviewed)
    count(facts.outcome, facts.reason, revision() || 'default')
    logDecision(logger, facts, performance.now() - start)
    if (facts.outcome === 'failed' && facts.uid !== '' && !facts.dryRun) onRefusal(facts)
  }
}

/** The server's own questions are no requests: neither counted nor logged. */
function answerSelfCheck(response: ServerResponse): Settle {
  return (reviewed, generation) => {
    response.setHeader('X-Proa-Outcome', `${reviewed.facts.outcome}/${reviewed.facts.reason}`)
    response.setHeader('X-Proa-Generation', generation)
    write(response, reviewed)
  }
}

function write(response: ServerResponse, { answer }: Reviewed): void {
  // A client that is gone cannot be answered; writing to it is no error.
  if (response.destroyed) return
  const { status, contentType, body } = answer
  const length = Buffer.byteLength(body)
  response.writeHead(status, { 'Content-Type': contentType, 'Content-Length': length })
  // Nearly always ASCII, and then Node.js need not reserve three times the length for it.
  response.end(body, length === body.length ? 'latin1' : 'utf8')
}

function logDecision(logger: Logger, facts: ReviewFacts, milliseconds: number): void {
  const { outcome, reason, uid, namespace, pod, dryRun, message } = facts
  const level = outcome === 'failed' ? 'warn' : outcome === 'injected' ? 'info' : 'debug'
  if (!logger.isLevelEnabled(level)) return
  const ms = Math.round(milliseconds * 1000) / 1000
  const line = {
    outcome,
    reason,
    namespace,
    pod,
    ms,
    uid,
    ...(dryRun ? { dryRun } : {}),
    ...(message ? { message } : {}),
  }
  logger[level](line, outcome)
}
