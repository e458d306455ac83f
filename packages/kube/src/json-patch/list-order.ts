/**
 * Turning one order of unique keys into another with as few steps as possible.
 */

/** A structural step on a list; indexes are those at the time of the step. */
export type ListStep =
  | { readonly kind: 'remove'; readonly index: number }
  | { readonly kind: 'insert'; readonly index: number; readonly target: number }
  | { readonly kind: 'move'; readonly from: number; readonly index: number }

/**
 * The steps that turn the list with keys `from` into the one with keys `to`.
 * Keys are unique on each side. Runs in n log n: the items that keep their
 * place are a longest increasing subsequence, everything else moves once.
 */
export function planListSteps<Key>(from: readonly Key[], to: readonly Key[]): ListStep[] {
  const wanted = new Set(to)
  const steps: ListStep[] = []
  for (let i = from.length - 1; i >= 0; i--) {
    if (!wanted.has(from[i] as Key)) steps.push({ kind: 'remove', index: i })
  }
  const kept = steps.length === 0 ? from : from.filter((key) => wanted.has(key))
  const oldIndex = new Map<Key, number>()
  for (const [i, key] of kept.entries()) oldIndex.set(key, i)
  const order = to.map((key) => oldIndex.get(key) ?? -1)
  placeItems(order, kept.length, steps)
  return steps
}

/**
 * Walks the target from left to right. `order[t]` is the old index of target
 * item t, or -1 for a new one. The cursor is the place right after the last
 * placed item; what is not placed yet stays where it is among the fixed items.
 */
function placeItems(order: readonly number[], keptCount: number, steps: ListStep[]): void {
  const fixed = increasingSubsequence(order)
  if (fixed.size === order.length) return
  const targetOfNextFixed = nextFixedTargets(order, fixed, keptCount)
  const unplaced = new Counter(keptCount)
  let cursor = 0
  for (const [target, old] of order.entries()) {
    if (old < 0) {
      steps.push({ kind: 'insert', index: cursor, target })
      cursor++
      continue
    }
    const before = unplaced.countBelow(old)
    if (fixed.has(target)) {
      cursor = target + before + 1
    } else {
      const current = before + Math.min(targetOfNextFixed[old] ?? target, target)
      if (current < cursor) cursor--
      if (current !== cursor) steps.push({ kind: 'move', from: current, index: cursor })
      cursor++
    }
    unplaced.take(old)
  }
}

/** For every old index, the target index of the first fixed item after it (Infinity: none). */
function nextFixedTargets(order: readonly number[], fixed: ReadonlySet<number>, keptCount: number): number[] {
  const targets = new Array<number>(keptCount).fill(Number.POSITIVE_INFINITY)
  for (const target of fixed) targets[order[target] as number] = target
  let next = Number.POSITIVE_INFINITY
  for (let old = keptCount - 1; old >= 0; old--) {
    const own = targets[old] as number
    targets[old] = next
    if (own !== Number.POSITIVE_INFINITY) next = own
  }
  return targets
}

/** Positions in `values` of a longest strictly increasing subsequence; negative values are left out. */
function increasingSubsequence(values: readonly number[]): Set<number> {
  const tails: number[] = []
  const previous = new Array<number>(values.length).fill(-1)
  for (const [i, value] of values.entries()) {
    if (value < 0) continue
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[tails[middle] as number] as number) < value) low = middle + 1
      else high = middle
    }
    if (low > 0) previous[i] = tails[low - 1] as number
    tails[low] = i
  }
  const chosen = new Set<number>()
  for (let i = tails.at(-1) ?? -1; i >= 0; i = previous[i] as number) chosen.add(i)
  return chosen
}

/** Counts the members of {0 … size-1} below a bound while members are taken out (a Fenwick tree). */
class Counter {
  readonly #taken: number[]

  constructor(size: number) {
    this.#taken = new Array<number>(size + 1).fill(0)
  }

  countBelow(bound: number): number {
    let taken = 0
    for (let i = bound; i > 0; i -= i & -i) taken += this.#taken[i] as number
    return bound - taken
  }

  take(member: number): void {
    for (let i = member + 1; i < this.#taken.length; i += i & -i) this.#taken[i] = (this.#taken[i] as number) + 1
  }
}
