/** A value that others keep up to date. While a newer one is wrong, the last good one stays and `problem` says why. */
export interface Watched<T> {
  /** Undefined until there was a good one. */
  readonly current: T | undefined
  /** Why the newest state of the source is not in use; undefined when it is. For logs and `/readyz`. */
  readonly problem: string | undefined
  /** Called after each change of `current` or `problem`. Returns what ends the subscription. */
  subscribe(listener: () => void): () => void
}

/** The writing side of a {@link Watched}. Setting an equal value is not a change. */
export interface Watchable<T> extends Watched<T> {
  set(value: T): void
  /** Keeps `current`. */
  fail(problem: string): void
}

/** @param equals by default identity */
export function watchable<T>(equals: (a: T, b: T) => boolean = Object.is): Watchable<T> {
  let current: T | undefined
  let problem: string | undefined
  const listeners = new Set<() => void>()
  const tell = (): void => {
    for (const listener of [...listeners]) listener()
  }
  return {
    get current() {
      return current
    },
    get problem() {
      return problem
    },
    subscribe(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    set(value) {
      if (problem === undefined && current !== undefined && equals(current, value)) return
      current = value
      problem = undefined
      tell()
    },
    fail(text) {
      if (problem === text) return
      problem = text
      tell()
    },
  }
}
