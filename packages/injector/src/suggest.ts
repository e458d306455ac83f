/** "Did you mean": the known name that is nearest to a mistyped one. */

/**
 * @param typed what somebody wrote
 * @param known what there is
 * @returns the nearest known name, or undefined when none is near enough to be meant.
 */
export function nearest(typed: string, known: Iterable<string>): string | undefined {
  const limit = Math.max(1, Math.floor(typed.length / 4))
  let best: { name: string; distance: number } | undefined
  for (const name of known) {
    if (Math.abs(name.length - typed.length) > limit) continue
    const distance = editDistance(typed.toLowerCase(), name.toLowerCase(), limit)
    if (distance <= limit && (best === undefined || distance < best.distance)) best = { name, distance }
  }
  return best?.name
}

export function didYouMean(typed: string, known: Iterable<string>): string | undefined {
  const name = nearest(typed, known)
  return name === undefined ? undefined : `did you mean "${name}"?`
}

/** Names longer than this are nobody's typing; the table below would grow with their square. */
const LONGEST = 256

/** Insertions, deletions, replacements and swaps of neighbours; more than the limit counts as limit + 1. */
function editDistance(a: string, b: string, limit: number): number {
  if (a === b) return 0
  if (a.length > LONGEST || b.length > LONGEST) return limit + 1
  let beforeLast: number[] = []
  let last = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const row = [i]
    for (let j = 1; j <= b.length; j++) {
      const same = a[i - 1] === b[j - 1]
      const cost = Math.min((last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1, (last[j - 1] ?? 0) + (same ? 0 : 1))
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      row.push(swapped ? Math.min(cost, (beforeLast[j - 2] ?? 0) + 1) : cost)
    }
    beforeLast = last
    last = row
  }
  return last[b.length] ?? limit + 1
}
