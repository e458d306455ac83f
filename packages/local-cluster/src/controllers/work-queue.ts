import { ApiError } from '../api/status.ts'
import type { Activity } from './activity.ts'
import type { Clock } from './clock.ts'

/** First wait after a failure, in milliseconds; it doubles each time, as in client-go. */
const FIRST_DELAY = 5
/** client-go goes up to 1,000 s. Here somebody is watching: what was mended shows within seconds. */
const LONGEST_DELAY = 3_000
/** So many conflicts in a row are tried again at once; then they wait like any failure. */
const CONFLICTS_AT_ONCE = 8
const WORKERS = 4

export interface WorkQueue {
  /** The key is worked on soon: once more after a run that is under way, never twice at a time. */
  add(key: string): void
  /** What waits after a failure is tried now. */
  retryNow(): void
  /** Nothing new is started; resolves when what runs has ended. */
  stop(): Promise<void>
}

export interface WorkQueueOptions {
  readonly clock: Clock
  readonly activity: Activity
  /** Returns after how many milliseconds the key is to be looked at again; undefined: when something changes. */
  readonly work: (key: string) => Promise<number | undefined>
  /** Tells of a failure that is not a conflict. */
  readonly onFailure: (key: string, error: unknown) => void
}

interface Waiting {
  readonly cancel: () => void
  readonly failed: boolean
}

/** A queue of keys as controllers need it: level-triggered, one run per key at a time, failures back off. */
export function createWorkQueue(options: WorkQueueOptions): WorkQueue {
  const { clock, activity } = options
  const dirty = new Set<string>()
  const running = new Set<string>()
  const waiting = new Map<string, Waiting>()
  const failures = new Map<string, number>()
  let stopped = false
  let onEmpty: (() => void) | undefined

  const forget = (key: string) => {
    waiting.get(key)?.cancel()
    waiting.delete(key)
  }
  const add = (key: string) => {
    if (stopped || dirty.has(key)) return
    forget(key)
    dirty.add(key)
    activity.begin()
    queueMicrotask(pump)
  }
  const later = (key: string, milliseconds: number, failed: boolean) => {
    if (stopped || dirty.has(key)) return
    forget(key)
    const cancel = clock.after(milliseconds, () => {
      waiting.delete(key)
      add(key)
    })
    waiting.set(key, { cancel, failed })
  }
  const failed = (key: string, error: unknown) => {
    const count = failures.get(key) ?? 0
    failures.set(key, count + 1)
    const conflict = error instanceof ApiError && error.reason === 'Conflict'
    if (conflict && count < CONFLICTS_AT_ONCE) return add(key)
    if (!conflict && !stopped) options.onFailure(key, error)
    later(key, Math.min(FIRST_DELAY * 2 ** Math.min(count, 20), LONGEST_DELAY), true)
  }
  const run = async (key: string) => {
    try {
      const again = await options.work(key)
      failures.delete(key)
      if (again !== undefined) later(key, again, false)
    } catch (error) {
      failed(key, error)
    }
    running.delete(key)
    pump()
    activity.end()
    if (running.size === 0) onEmpty?.()
  }
  const pump = () => {
    for (const key of dirty) {
      if (stopped || running.size >= WORKERS) return
      if (running.has(key)) continue
      dirty.delete(key)
      running.add(key)
      void run(key)
    }
  }
  return {
    add,
    retryNow() {
      for (const [key, { failed }] of [...waiting]) if (failed) add(key)
    },
    async stop() {
      stopped = true
      for (const key of [...waiting.keys()]) forget(key)
      for (const key of [...dirty]) {
        dirty.delete(key)
        activity.end()
      }
      if (running.size === 0) return
      const { promise, resolve } = Promise.withResolvers<void>()
      onEmpty = resolve
      await promise
    },
  }
}
