import { setTimeout as wait } from 'node:timers/promises'

/** Time and chance, so that tests have their own. */
export interface Timing {
  /** Milliseconds; only differences count, and it never goes back. */
  now(): number
  /** Ends early, without an error, when the signal is aborted. */
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
  /** From 0 to below 1. */
  random(): number
}

/** The longest delay that a timer of Node.js holds: beyond it, it would fire at once. */
const LONGEST_SLEEP = 2 ** 31 - 1

export const realTiming: Timing = {
  now: () => performance.now(),
  async sleep(milliseconds, signal) {
    if (signal.aborted) return
    await wait(Math.min(Math.max(0, milliseconds), LONGEST_SLEEP), undefined, { signal }).catch(() => undefined)
  },
  random: Math.random,
}

export interface Backoff {
  /** Milliseconds until the next try. */
  next(): number
  reset(): void
}

/**
 * Doubles from `first` to `longest`, each time somewhere between half of it and all of it, so that many clients of a server
 * that comes back do not come at the same moment.
 */
export function backoff(random: () => number, first = 800, longest = 30_000): Backoff {
  let current = first
  return {
    next() {
      const delay = current * (0.5 + random() / 2)
      current = Math.min(longest, current * 2)
      return delay
    },
    reset() {
      current = first
    },
  }
}
