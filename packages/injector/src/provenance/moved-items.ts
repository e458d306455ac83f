import type { PodIndex, PodNode } from './pod-index.ts'

/** The items of lists that stand elsewhere among those that both Pods have: as few as possible. */
export function movedItems(before: PodIndex, after: PodIndex): readonly PodNode[] {
  const moved: PodNode[] = []
  for (const { path, items } of after.values()) {
    if (items === undefined) continue
    const order = commonOrder(before, path, items)
    const target = commonOrder(after, path, order)
    const places = new Map(order.map((item, place) => [item, place]))
    const staying = longestRise(target.map((item) => places.get(item) ?? 0))
    for (const item of target) {
      const node = after.get(item)
      if (node !== undefined && !staying.has(places.get(item) ?? 0)) moved.push(node)
    }
  }
  return moved
}

/** The items of the list at a path that are also among the others, in the order that they have there. */
export function commonOrder(index: PodIndex, path: string, others: readonly string[]): readonly string[] {
  const wanted = new Set(others)
  return (index.get(path)?.items ?? []).filter((item) => wanted.has(item))
}

/** Of a list of different numbers the longest part that only rises. */
function longestRise(numbers: readonly number[]): ReadonlySet<number> {
  // tails[n] ends the rise of length n + 1 that ends lowest; each number remembers the one before it.
  const tails: number[] = []
  const previous = new Map<number, number | undefined>()
  for (const number of numbers) {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((tails[middle] ?? 0) < number) low = middle + 1
      else high = middle
    }
    previous.set(number, tails[low - 1])
    tails[low] = number
  }
  const rise = new Set<number>()
  for (let at = tails.at(-1); at !== undefined; at = previous.get(at)) rise.add(at)
  return rise
}
