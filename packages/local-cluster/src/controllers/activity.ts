/** Counts what is under way, so that others can wait for the end of it instead of sleeping. */
export interface Activity {
  begin(): void
  end(): void
  /** Runs the work and counts it. */
  track<T>(work: Promise<T>): Promise<T>
  /** Resolves when nothing is under way. Work that waits for its time (a retry, a schedule) does not count. */
  quiet(): Promise<void>
}

export function createActivity(): Activity {
  let running = 0
  let waiting: (() => void)[] = []
  const end = () => {
    running -= 1
    if (running > 0) return
    // What has just ended may start something new in the same turn.
    setImmediate(() => {
      if (running > 0) return
      const ready = waiting
      waiting = []
      for (const resolve of ready) resolve()
    })
  }
  return {
    begin() {
      running += 1
    },
    end,
    track(work) {
      running += 1
      return work.finally(end)
    },
    quiet() {
      const { promise, resolve } = Promise.withResolvers<void>()
      waiting.push(resolve)
      running += 1
      end()
      return promise
    },
  }
}
