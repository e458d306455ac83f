import type { EditTree, ListTree } from './edit-tree.ts'
import type { Editing } from './editing.ts'
import type { ListNode, SourceNode } from './source-node.ts'
import { type BlockEntry, spliceEntries } from './splice-entries.ts'
import { itemLines } from './write-block.ts'

/** Brings a block list to what the tree says; items that stay in order are not touched. */
export function spliceBlockList(editing: Editing, node: ListNode, tree: ListTree): boolean {
  const stays = stayingItems(node, tree.items)
  let changed = false
  for (const [item, index] of stays) {
    const place = node.items[index]
    if (place !== undefined) changed = editing.splice(place.value, item) || changed
  }
  const survivors = new Set(stays.values())
  const entries = node.items.map((item, index): BlockEntry => ({ ...item, survives: survivors.has(index) }))
  const insertions = new Map<number, string[]>()
  const gap = gapOf(editing, node)
  let behind = -1
  for (const item of tree.items) {
    const index = stays.get(item)
    if (index !== undefined) {
      behind = index
      continue
    }
    const lines = insertions.get(behind) ?? []
    lines.push(...itemLines(editing, item, node.column, gap))
    insertions.set(behind, lines)
  }
  return spliceEntries(editing.splices, node, entries, insertions, '[]') || changed
}

function gapOf({ document: { text } }: Editing, node: ListNode): number {
  for (const { value } of node.items) {
    const between = text.slice(value.slot, value.start)
    if (/^ +$/.test(between)) return between.length
  }
  return 1
}

/**
 * The items of the tree that can stay where their text is, with the index of that text. Of items that changed places
 * the longest run in the old order stays.
 */
export function stayingItems(node: ListNode, items: readonly EditTree[]): Map<EditTree, number> {
  const places = new Map<SourceNode, number>(node.items.map((item, index) => [item.value, index]))
  const found: { item: EditTree; index: number }[] = []
  for (const item of items) {
    const index = item.node === undefined ? undefined : places.get(item.node)
    if (index !== undefined) found.push({ item, index })
  }
  const run = longestRun(found.map(({ index }) => index))
  return new Map(
    run.flatMap((position) => {
      const entry = found[position]
      return entry === undefined ? [] : [[entry.item, entry.index] as const]
    }),
  )
}

/** Positions of a longest strictly increasing run (patience sorting). */
function longestRun(values: readonly number[]): number[] {
  const tails: number[] = []
  const previous: (number | undefined)[] = []
  values.forEach((value, position) => {
    let low = 0
    let high = tails.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((values[tails[middle] ?? 0] ?? 0) < value) low = middle + 1
      else high = middle
    }
    previous[position] = low > 0 ? tails[low - 1] : undefined
    tails[low] = position
  })
  const run: number[] = []
  for (let at = tails.at(-1); at !== undefined; at = previous[at]) run.unshift(at)
  return run
}
