import { isExpired, StatusError } from '../errors.ts'
import { backoff, realTiming, type Timing } from '../timing.ts'
import type { KubeClient, ListRef, WatchedObjects, WatchHandlers } from '../types.ts'
import { type Change, collection } from './collection.ts'
import { resourceVersionOf } from './watch.ts'

/** A watch that ends sooner than this, and told nothing, counts as failed: else a bad server would be asked without a pause. */
const SHORT_WATCH = 1000

/**
 * Keeps a collection up to date until `stop`: a list, then a watch from there; after a failure, with growing pauses, the
 * watch goes on where it was, or a new list says what was missed. Every difference is told once.
 */
export function watchObjects(
  client: Pick<KubeClient, 'list' | 'watch'>,
  ref: ListRef,
  handlers: WatchHandlers = {},
  timing: Timing = realTiming,
): WatchedObjects {
  const { keep = (object) => object } = handlers
  const stopped = new AbortController()
  const objects = collection()
  const pause = backoff(timing.random)
  const synced = Promise.withResolvers<void>()
  // Nobody has to wait for it.
  synced.promise.catch(() => undefined)
  let problem: string | undefined

  const tell = (changes: readonly Change[]): void => {
    for (const { now, before } of changes) {
      if (stopped.signal.aborted) return
      try {
        handlers.changed?.(now, before)
      } catch (error) {
        // What a listener does wrong must not cost the others their news.
        handlers.failed?.(asError(error))
      }
    }
  }

  /** @returns where the watch goes on */
  const relist = async (): Promise<string> => {
    const list = await client.list(ref)
    if (stopped.signal.aborted) return ''
    const changes = objects.replaceAll({ ...list, items: list.items.map(keep) })
    problem = undefined
    tell(changes)
    synced.resolve()
    return list.resourceVersion
  }

  const follow = async (position: Position): Promise<void> => {
    const started = timing.now()
    let quiet = true
    try {
      for await (const event of client.watch({ ...ref, resourceVersion: position.resourceVersion }, stopped.signal)) {
        if (stopped.signal.aborted) return
        problem = undefined
        const version = event.type === 'BOOKMARK' ? event.resourceVersion : resourceVersionOf(event.object)
        if (version === position.resourceVersion && event.type === 'BOOKMARK') continue
        quiet = false
        position.resourceVersion = version || position.resourceVersion
        position.expired = 0
        if (event.type !== 'BOOKMARK') tell(objects.apply({ ...event, object: keep(event.object) }))
      }
    } finally {
      if (!quiet || timing.now() - started >= SHORT_WATCH) pause.reset()
    }
    if (stopped.signal.aborted) return
    if (quiet && timing.now() - started < SHORT_WATCH) throw new Error(`the watch of ${ref.kind} ended at once`)
  }

  const run = async (): Promise<void> => {
    const position: Position = { resourceVersion: '', expired: 0 }
    while (!stopped.signal.aborted) {
      try {
        if (position.resourceVersion === '') position.resourceVersion = await relist()
        if (!stopped.signal.aborted) await follow(position)
      } catch (error) {
        if (stopped.signal.aborted) break
        if (error instanceof StatusError) position.resourceVersion = ''
        // Once, this is nothing to worry about: the next list tells what was missed.
        if (isExpired(error) && ++position.expired === 1) continue
        problem = asError(error).message
        handlers.failed?.(asError(error))
        await timing.sleep(pause.next(), stopped.signal)
      }
    }
    synced.resolve()
  }

  void run()
  return {
    synced: synced.promise,
    get items() {
      return objects.items
    },
    get: objects.get,
    get problem() {
      return problem
    },
    stop: () => stopped.abort(),
  }
}

/** Where a watch goes on; without a version there has to be a list first. */
interface Position {
  resourceVersion: string
  /** How often the server did not know the version any more since there was an event. */
  expired: number
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
