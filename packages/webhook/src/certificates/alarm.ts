import type { Timing } from '@proa/kube-client'

/** A sleep that others can end. */
export interface Alarm {
  /** Ends the sleep; rung while nobody sleeps, the next sleep ends at once. */
  ring(): void
  sleep(milliseconds: number, signal: AbortSignal): Promise<void>
}

export function alarm(timing: Timing): Alarm {
  let rung = false
  let wake: (() => void) | undefined
  return {
    ring() {
      rung = true
      wake?.()
    },
    async sleep(milliseconds, signal) {
      if (!rung && !signal.aborted) {
        const awake = new AbortController()
        wake = () => awake.abort()
        signal.addEventListener('abort', wake, { once: true })
        await timing.sleep(milliseconds, awake.signal)
        signal.removeEventListener('abort', wake)
        wake = undefined
        awake.abort()
      }
      rung = false
    },
  }
}
