import type { IncomingMessage } from 'node:http'
import { getOwn, isObject, type Json, type JsonObject } from '@proa/kube'
import { ConnectionError } from '../errors.ts'
import { connectionProblem } from '../http/connection-problem.ts'
import type { Requester } from '../http/requester.ts'
import { statusError } from '../http/status.ts'
import { withKind } from '../list.ts'
import { selectorQuery } from '../paths/object-path.ts'
import type { ListRef, WatchEvent } from '../types.ts'
import { readLines } from './lines.ts'

export interface WatchOptions {
  readonly requester: Requester
  readonly server: string
  readonly path: string
  readonly ref: ListRef & { readonly resourceVersion: string }
  /** Seconds after which the server ends the watch. */
  readonly timeoutSeconds: number
  /**
   * Milliseconds without a byte after which the watch ends, as if the server had ended it. API servers send a bookmark
   * about every minute; a connection that died without a word shows in no other way.
   */
  readonly idle: number
}

/** The events of one watch request, until the server, the signal or silence ends it. */
export async function* watchOnce(options: WatchOptions, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  const { requester, ref, path, server, timeoutSeconds } = options
  if (signal.aborted) return
  const ended = new AbortController()
  const end = (): void => ended.abort()
  signal.addEventListener('abort', end, { once: true })
  try {
    const query = {
      ...selectorQuery(ref),
      watch: '1',
      allowWatchBookmarks: 'true',
      resourceVersion: ref.resourceVersion,
      timeoutSeconds: String(timeoutSeconds),
    }
    const response = await requester.stream({ method: 'GET', path, query }, ended.signal)
    // The server accepted the position: whoever waits for news knows that there is a connection again.
    yield { type: 'BOOKMARK', resourceVersion: ref.resourceVersion }
    for await (const line of readLines(untilIdle(response, options.idle))) yield parseEvent(line, ref, server)
  } catch (error) {
    if (!signal.aborted) throw connectionProblem(server, error)
  } finally {
    signal.removeEventListener('abort', end)
    // Whoever stops reading in the middle ends the request as well.
    end()
  }
}

async function* untilIdle(response: IncomingMessage, idle: number): AsyncGenerator<Uint8Array> {
  let silent = false
  const silence = (): void => {
    silent = true
    response.destroy()
  }
  let timer = setTimeout(silence, idle)
  try {
    for await (const chunk of response) {
      clearTimeout(timer)
      yield chunk as Uint8Array
      timer = setTimeout(silence, idle)
    }
  } catch (error) {
    if (!silent) throw error
  } finally {
    clearTimeout(timer)
  }
}

/** The text of a bad line is not told: it may be a Secret. */
function parseEvent(line: string, ref: ListRef, server: string): WatchEvent {
  const event = parse(line)
  const type = isObject(event) ? getOwn(event, 'type') : undefined
  const object = isObject(event) ? getOwn(event, 'object') : undefined
  if (!isObject(object)) throw badLine(line, ref, server)
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object: withKind(object, ref) }
  if (type === 'BOOKMARK') return { type, resourceVersion: resourceVersionOf(object) }
  if (type === 'ERROR') throw statusError(object, 500)
  throw badLine(line, ref, server)
}

function parse(line: string): Json | undefined {
  try {
    return JSON.parse(line) as Json
  } catch {
    return undefined
  }
}

function badLine(line: string, ref: ListRef, server: string): ConnectionError {
  return new ConnectionError(
    `the watch of ${ref.kind} at ${server} sent a line of ${line.length} characters that is no event`,
  )
}

/** "" when the object has none. */
export function resourceVersionOf(object: JsonObject): string {
  const metadata = getOwn(object, 'metadata')
  const version = isObject(metadata) ? getOwn(metadata, 'resourceVersion') : undefined
  return typeof version === 'string' ? version : ''
}
