/** Time as the controllers see it: tests hand in one that stands still until they move it. */
export interface Clock {
  now(): Date
  /** Calls once, after that many milliseconds. Returns what calls it off. */
  after(milliseconds: number, call: () => void): () => void
}

/** The longest delay that a timer of Node.js holds: beyond it, it would fire at once. */
const LONGEST = 2 ** 31 - 1

export const systemClock: Clock = {
  now: () => new Date(),
  after(milliseconds, call) {
    const timer = setTimeout(call, Math.min(Math.max(milliseconds, 0), LONGEST))
    return () => clearTimeout(timer)
  },
}

/** A clock for tests: `advance` fires what is due, in order of time. */
export interface ManualClock extends Clock {
  advance(milliseconds: number): void
}

export function manualClock(start: string): ManualClock {
  let now = Date.parse(start)
  let timers: { readonly at: number; readonly call: () => void }[] = []
  return {
    now: () => new Date(now),
    after(milliseconds, call) {
      const timer = { at: now + Math.max(milliseconds, 0), call }
      timers.push(timer)
      return () => {
        timers = timers.filter((other) => other !== timer)
      }
    },
    advance(milliseconds) {
      const end = now + milliseconds
      for (;;) {
        const due = timers.filter((timer) => timer.at <= end).sort((a, b) => a.at - b.at)[0]
        if (due === undefined) break
        timers = timers.filter((timer) => timer !== due)
        now = Math.max(now, due.at)
        due.call()
      }
      now = end
    },
  }
}

/** As Kubernetes writes a time: whole seconds. */
export function timestamp(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`
}
