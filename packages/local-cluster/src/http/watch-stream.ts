import { once } from 'node:events'
import type { ServerResponse } from 'node:http'
import type { JsonObject } from '@proa/kube'
import type { WatchCursor, WatchedEvent } from '../api/watch.ts'
import type { Store } from '../store/store.ts'

/** An event in the form that the client asked for. */
export type Watched = Pick<WatchedEvent, 'type' | 'object'>

export interface WatchStreamOptions {
  readonly store: Store
  readonly cursor: WatchCursor
  readonly show: (event: WatchedEvent) => Watched
  readonly bookmarks: boolean
  /** Milliseconds; the stream ends well after them. */
  readonly timeout: number
  /** Milliseconds between bookmarks. */
  readonly bookmarkEvery: number
  readonly signal: AbortSignal
}

/**
 * Writes what a cursor sees, one JSON text a line, until the client goes, the time is over or the history is lost. It reads
 * on only when the client has taken what was written.
 */
export async function streamWatch(response: ServerResponse, options: WatchStreamOptions): Promise<void> {
  const { store, cursor, show, signal } = options
  response.writeHead(200, { 'Content-Type': 'application/json', 'Cache-Control': 'no-cache, private' })
  response.flushHeaders()
  const ended = new AbortController()
  const end = (): void => ended.abort()
  let wake: () => void = () => {}
  const unsubscribe = store.onChange(() => wake())
  const timer = setTimeout(end, options.timeout)
  const bookmarks = options.bookmarks
    ? setInterval(() => bookmark(response, cursor, show), options.bookmarkEvery)
    : undefined
  response.on('close', end)
  signal.addEventListener('abort', end)
  ended.signal.addEventListener('abort', () => wake())
  try {
    while (!ended.signal.aborted) {
      // The promise is made before the cursor is asked, so that no change falls between the two.
      const changed = new Promise<void>((resolve) => {
        wake = resolve
      })
      const events = cursor.next()
      if (events.length === 0) {
        await changed
        continue
      }
      const taken = write(response, ...events.map(show))
      if (events.at(-1)?.type === 'ERROR') break
      if (!taken) await once(response, 'drain', { signal: ended.signal }).catch(() => {})
    }
  } finally {
    clearTimeout(timer)
    clearInterval(bookmarks)
    unsubscribe()
    signal.removeEventListener('abort', end)
    response.end()
  }
}

/** Not to a client that does not even take the events. */
function bookmark(response: ServerResponse, cursor: WatchCursor, show: (event: WatchedEvent) => Watched): void {
  const event = cursor.bookmark()
  if (event !== undefined && !response.writableNeedDrain) write(response, show(event))
}

function write(response: ServerResponse, ...events: readonly Watched[]): boolean {
  if (response.destroyed || response.writableEnded) return true
  return response.write(events.map(({ type, object }) => `{"type":"${type}","object":${textOf(object)}}\n`).join(''))
}

/** Texts of the objects that were written last: many watch the same change. */
const texts = new Map<JsonObject, string>()
const MOST_TEXTS = 256
const LONGEST_TEXT = 64 * 1024

function textOf(object: JsonObject): string {
  const known = texts.get(object)
  if (known !== undefined) return known
  const text = JSON.stringify(object)
  // What can be changed is not the same the next time.
  if (!Object.isFrozen(object) || text.length > LONGEST_TEXT) return text
  texts.set(object, text)
  const [oldest] = texts.keys()
  if (texts.size > MOST_TEXTS && oldest !== undefined) texts.delete(oldest)
  return text
}
