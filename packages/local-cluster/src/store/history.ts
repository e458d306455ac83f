import type { StoreChange, StoreOptions } from './store.ts'

/** The last changes. */
export interface History {
  /** The newest revision whose changes are no longer kept. */
  readonly compacted: number
  add(change: StoreChange, bytes: number): void
  /** The changes after a revision that is not compacted, oldest first. */
  after(revision: number, limit?: number): readonly StoreChange[]
}

const DEFAULT_WINDOW = 10_000
const DEFAULT_BYTES = 256 * 1024 * 1024

/** Keeps so many changes, and fewer when they are large. */
export function createHistory({ window = DEFAULT_WINDOW, windowBytes = DEFAULT_BYTES, from }: StoreOptions): History {
  let changes: StoreChange[] = []
  let weights: number[] = []
  let total = 0
  let compacted = from?.revision ?? 0
  const keepLast = (count: number): void => {
    for (const weight of weights.slice(0, weights.length - count)) total -= weight
    compacted = changes.at(-count - 1)?.revision ?? compacted
    changes = changes.slice(-count)
    weights = weights.slice(-count)
  }
  return {
    get compacted() {
      return compacted
    },
    add(change, bytes) {
      changes.push(change)
      weights.push(bytes)
      total += bytes
      // The older half goes at once, so that a write costs constant time.
      if (changes.length >= window * 2) keepLast(window)
      while (total > windowBytes && changes.length > 1) keepLast(Math.ceil(changes.length / 2))
    },
    after(revision, limit = Number.POSITIVE_INFINITY) {
      const first = changes[0]
      // Revisions grow by one, but those of a loaded state need not start at one.
      const start = first === undefined ? 0 : Math.max(0, revision + 1 - first.revision)
      return changes.slice(start, start + limit)
    },
  }
}
