import { setImmediate } from 'node:timers/promises'
import type { Timing } from '../src/index.ts'

interface Waiting {
  readonly at: number
  readonly wake: () => void
}

/** Time that passes only when everybody waits for it. */
export interface VirtualTime {
  readonly now: number
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>
  /** Lets so much time pass. */
  pass(milliseconds: number): Promise<void>
  /** A clock of its own, that began elsewhere and runs a little faster or slower. */
  clock(offset: number, rate: number, random: () => number): Timing
}

export function virtualTime(): VirtualTime {
  let now = 0
  const waiting = new Set<Waiting>()
  const sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => {
      if (signal?.aborted) return resolve()
      const entry: Waiting = { at: now + Math.max(0, milliseconds), wake: () => end() }
      const end = (): void => {
        waiting.delete(entry)
        signal?.removeEventListener('abort', end)
        resolve()
      }
      waiting.add(entry)
      signal?.addEventListener('abort', end)
    })
  return {
    get now() {
      return now
    },
    sleep,
    async pass(milliseconds) {
      const until = now + milliseconds
      for (;;) {
        await setImmediate()
        const next = [...waiting].reduce<Waiting | undefined>(
          (a, b) => (a === undefined || b.at < a.at ? b : a),
          undefined,
        )
        if (next === undefined || next.at > until) break
        now = next.at
        next.wake()
      }
      now = until
    },
    clock: (offset, rate, random) => ({
      now: () => offset + now * rate,
      random,
      sleep: (milliseconds, signal) => sleep(milliseconds / rate, signal),
    }),
  }
}
