/** A stretch of lines that both texts share: `[oldStart, oldStart + length)` and `[newStart, newStart + length)`. */
export interface CommonRun {
  readonly oldStart: number
  readonly newStart: number
  readonly length: number
}

/**
 * Past this many differing lines in a stretch no shortest script is looked for any more: the stretch counts as
 * rewritten. It bounds the time for two texts that have nothing in common (a million steps or so per stretch).
 */
const mostDifferences = 1500

/**
 * The stretches that two lists of lines share, in order: Myers' algorithm in its linear-space form (find the middle
 * of a shortest edit script, then divide there).
 */
export function commonRuns(before: readonly string[], after: readonly string[]): CommonRun[] {
  const ids = new Map<string, number>()
  const idOf = (line: string): number => {
    const known = ids.get(line)
    if (known !== undefined) return known
    ids.set(line, ids.size)
    return ids.size - 1
  }
  const texts: Texts = { before: before.map(idOf), after: after.map(idOf) }
  const runs: CommonRun[] = []
  divide(texts, { from: 0, to: before.length, newFrom: 0, newTo: after.length }, runs)
  return joinRuns(runs)
}

interface Texts {
  readonly before: readonly number[]
  readonly after: readonly number[]
}

interface Box {
  readonly from: number
  readonly to: number
  readonly newFrom: number
  readonly newTo: number
}

function divide(texts: Texts, box: Box, runs: CommonRun[]): void {
  const { before, after } = texts
  let { from, to, newFrom, newTo } = box
  const start = from
  while (from < to && newFrom < newTo && before[from] === after[newFrom]) {
    from += 1
    newFrom += 1
  }
  if (from > start) runs.push({ oldStart: start, newStart: box.newFrom, length: from - start })
  const end = to
  while (to > from && newTo > newFrom && before[to - 1] === after[newTo - 1]) {
    to -= 1
    newTo -= 1
  }
  if (from < to && newFrom < newTo) {
    const inner = { from, to, newFrom, newTo }
    const middle = middleOf(texts, inner)
    if (middle !== undefined) {
      divide(texts, { ...inner, to: middle.old, newTo: middle.new }, runs)
      divide(texts, { ...inner, from: middle.old, newFrom: middle.new }, runs)
    }
  }
  if (end > to) runs.push({ oldStart: to, newStart: newTo, length: end - to })
}

/** A point on a shortest edit script that divides it; undefined when the two have nothing in common (or too little). */
function middleOf(texts: Texts, box: Box): { old: number; new: number } | undefined {
  const width = box.to - box.from
  const height = box.newTo - box.newFrom
  const delta = width - height
  const limit = Math.min(Math.ceil((width + height) / 2), mostDifferences)
  const size = 2 * limit + 3
  const forward = new Int32Array(size)
  const backward = new Int32Array(size)
  const origin = limit + 1
  for (let d = 0; d <= limit; d++) {
    for (let k = -d; k <= d; k += 2) {
      let x = step(forward, origin + k, k, d)
      let y = x - k
      while (x < width && y < height && x >= 0 && y >= 0 && same(texts, box.from + x, box.newFrom + y)) {
        x += 1
        y += 1
      }
      forward[origin + k] = x
      const mirror = delta - k
      if (delta % 2 !== 0 && Math.abs(mirror) < d && x + (backward[origin + mirror] ?? 0) >= width) {
        return point(box, x, y)
      }
    }
    for (let k = -d; k <= d; k += 2) {
      let x = step(backward, origin + k, k, d)
      let y = x - k
      while (x < width && y < height && x >= 0 && y >= 0 && same(texts, box.to - 1 - x, box.newTo - 1 - y)) {
        x += 1
        y += 1
      }
      backward[origin + k] = x
      const mirror = delta - k
      if (delta % 2 === 0 && Math.abs(mirror) <= d && x + (forward[origin + mirror] ?? 0) >= width) {
        return point(box, width - x, height - y)
      }
    }
  }
  return undefined
}

function step(furthest: Int32Array, at: number, k: number, d: number): number {
  if (d === 0) return 0
  const down = furthest[at + 1] ?? 0
  const right = (furthest[at - 1] ?? 0) + 1
  return k === -d || (k !== d && right - 1 < down) ? down : right
}

function same({ before, after }: Texts, old: number, now: number): boolean {
  return before[old] === after[now]
}

/** Not usable when it would divide nothing: at a corner of the box. */
function point(box: Box, x: number, y: number): { old: number; new: number } | undefined {
  const corner = (x <= 0 && y <= 0) || (box.from + x >= box.to && box.newFrom + y >= box.newTo)
  return corner ? undefined : { old: box.from + x, new: box.newFrom + y }
}

function joinRuns(runs: readonly CommonRun[]): CommonRun[] {
  const joined: CommonRun[] = []
  for (const run of runs) {
    const last = joined.at(-1)
    if (
      last !== undefined &&
      last.oldStart + last.length === run.oldStart &&
      last.newStart + last.length === run.newStart
    ) {
      joined[joined.length - 1] = { ...last, length: last.length + run.length }
    } else joined.push(run)
  }
  return joined
}
