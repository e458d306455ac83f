import { realTiming, type Timing } from '@proa/kube-client'

/** A clock that goes on only when a test says so. */
export interface ManualTiming extends Timing {
  date(): Date
  /** Ends every sleep that is over by then. */
  advance(milliseconds: number): void
  /** Lets time pass in steps, with everything that happens in between, until the condition holds. */
  until(condition: () => boolean, step?: number): Promise<void>
}

export function manualTiming(start = new Date('2030-01-01T00:00:00Z')): ManualTiming {
  let elapsed = 0
  const sleepers = new Set<{ readonly due: number; readonly wake: () => void }>()
  const advance = (milliseconds: number): void => {
    elapsed += milliseconds
    for (const sleeper of [...sleepers]) if (sleeper.due <= elapsed) sleeper.wake()
  }
  return {
    now: () => elapsed,
    date: () => new Date(start.getTime() + elapsed),
    random: () => 0.5,
    sleep(milliseconds, signal) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve()
        const wake = (): void => {
          sleepers.delete(sleeper)
          signal.removeEventListener('abort', wake)
          resolve()
        }
        const sleeper = { due: elapsed + milliseconds, wake }
        sleepers.add(sleeper)
        signal.addEventListener('abort', wake, { once: true })
      })
    },
    advance,
    async until(condition, step = 100) {
      while (!condition()) {
        advance(step)
        await new Promise(setImmediate)
      }
    },
  }
}

/** The real clock, but every pause is shorter by the factor: for tests with real sockets, where nobody can say when all is quiet. */
export function hurried(factor: number): Timing {
  return {
    now: () => realTiming.now() * factor,
    sleep: (milliseconds, signal) => realTiming.sleep(Math.min(milliseconds / factor, 2 ** 31 - 1), signal),
    random: Math.random,
  }
}
