/** At most so many tasks at a time; the others wait in their order. */
export type Bounded = <T>(task: () => Promise<T>) => Promise<T>

export function bounded(most: number): Bounded {
  const waiting: (() => void)[] = []
  let running = 0
  return async (task) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve))
    else running += 1
    try {
      return await task()
    } finally {
      // The place is handed over, so that nobody can slip in between.
      const next = waiting.shift()
      if (next === undefined) running -= 1
      else next()
    }
  }
}
