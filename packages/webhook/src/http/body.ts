import type { IncomingMessage } from 'node:http'
import { LARGEST_BODY } from '../review/precheck.ts'

/** A client that sends too much hears so only when it has finished sending, or the connection breaks under it. This much is borne. */
export const MOST_DISCARDED = 32 * 1024 * 1024

/** `length` can be more than there is in `body`: then it is over the limit. Undefined: the client went away, or took too long. */
export type TakeBody = (body: Buffer | undefined, length: number) => void

const EMPTY = Buffer.alloc(0)

/** Reads a body of any length without keeping more than the limit. `take` is called exactly once. */
export function readBody(request: IncomingMessage, take: TakeBody): void {
  let chunks: Buffer[] = []
  let length = 0
  let isDone = false
  const finish = (body: Buffer | undefined): void => {
    if (isDone) return
    isDone = true
    take(body, length)
  }
  request.on('data', (chunk: Buffer) => {
    length += chunk.length
    if (length <= LARGEST_BODY) chunks.push(chunk)
    else chunks = []
    if (length > MOST_DISCARDED) finish(EMPTY)
  })
  request.once('end', () => finish(joined(chunks)))
  request.once('close', () => finish(undefined))
  // Without a listener an aborted request would be an uncaught error; `close` follows.
  request.on('error', () => {})
}

function joined(chunks: readonly Buffer[]): Buffer {
  const [first = EMPTY] = chunks
  return chunks.length <= 1 ? first : Buffer.concat(chunks)
}
