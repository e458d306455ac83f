import { setImmediate } from 'node:timers/promises'
import type { Timing } from '../src/index.ts'

/** Pauses that pass at once, and are remembered. */
export function instantTiming(): Timing & { readonly pauses: number[] } {
  const pauses: number[] = []
  let now = 0
  return {
    pauses,
    now: () => now,
    random: () => 0.5,
    async sleep(milliseconds) {
      pauses.push(milliseconds)
      now += milliseconds
      await setImmediate()
    },
  }
}

/** Until it is so; a test that waits in vain ends by its own limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setImmediate()
}
