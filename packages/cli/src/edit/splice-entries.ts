import { columnOf } from './read-yaml.ts'
import type { ListNode, MapNode, SourceNode } from './source-node.ts'
import type { Splices } from './splices.ts'
import { insertLinesAt, insertLinesBelow, markGone, replaceRange } from './splices.ts'
import { inlineEnd, lineStart, nextLine } from './text-lines.ts'

/** One entry of a block map or list in the text. */
export interface BlockEntry {
  readonly start: number
  readonly value: SourceNode
  readonly survives: boolean
}

/** Lines to add, by the index of the entry behind which they go; -1: before the first. */
export type Insertions = ReadonlyMap<number, readonly string[]>

/**
 * Removes and inserts whole entries of a block collection; what survives is not touched.
 * @param empty the text of the collection without entries.
 * @returns whether anything was done.
 */
export function spliceEntries(
  splices: Splices,
  node: MapNode | ListNode,
  entries: readonly BlockEntry[],
  insertions: Insertions,
  empty: '{}' | '[]',
): boolean {
  const removed = entries.some((entry) => !entry.survives)
  if (!removed && insertions.size === 0) return false
  for (const entry of entries) if (!entry.survives) markGone(splices, entry.value)
  const first = entries[0]
  if (first === undefined) return false
  const shares = splices.text.slice(lineStart(splices.text, first.start), first.start).trim() !== ''
  if (entries.some((entry) => entry.survives)) spliceAmong(splices, node, entries, insertions, shares)
  else replaceAll(splices, node, entries, insertions.get(-1) ?? [], shares, empty)
  return true
}

function spliceAmong(
  splices: Splices,
  node: MapNode | ListNode,
  entries: readonly BlockEntry[],
  insertions: Insertions,
  shares: boolean,
): void {
  const { text, eol } = splices
  const first = entries[0]
  const front = insertions.get(-1)
  if (first !== undefined && front !== undefined) {
    if (shares) {
      const column = columnOf(text, first.start)
      const lines = [...front, ' '.repeat(column)].join(eol).slice(column)
      replaceRange(splices, first.start, first.start, lines)
    } else {
      insertLinesAt(splices, beforeFirst(text, node, first), front)
    }
  }
  entries.forEach((entry, index) => {
    if (!entry.survives) removeEntry(splices, entries, index, shares && index === 0)
    const lines = insertions.get(index)
    if (lines !== undefined) insertLinesBelow(splices, entry.value.end, lines)
  })
}

/** Right below the line of the key, so that a comment above the first entry stays with that entry. */
function beforeFirst(text: string, node: MapNode | ListNode, first: BlockEntry): number {
  return node.within === 'document' ? lineStart(text, first.start) : nextLine(text, node.afterProps)
}

function removeEntry(splices: Splices, entries: readonly BlockEntry[], index: number, shares: boolean): void {
  const entry = entries[index]
  if (entry === undefined) return
  if (!shares) {
    splices.removals.push({ start: entry.start, end: entry.value.end, value: entry.value })
    return
  }
  // The entry stands behind the dash of its list item: the next one moves up, unless a comment stands between.
  const next = entries[index + 1]
  const between = next === undefined ? '' : splices.text.slice(entry.value.end, next.start)
  if (next?.survives && between.trim() === '') replaceRange(splices, entry.start, next.start, '')
  else replaceRange(splices, entry.start, inlineEnd(splices.text, entry.value.end), '')
}

function replaceAll(
  splices: Splices,
  node: MapNode | ListNode,
  entries: readonly BlockEntry[],
  lines: readonly string[],
  shares: boolean,
  empty: string,
): void {
  const [first, ...others] = entries
  if (first === undefined) return
  const remove = ({ start, value }: BlockEntry) => splices.removals.push({ start, end: value.end, value })
  others.forEach(remove)
  const column = columnOf(splices.text, first.start)
  if (shares) {
    // A comment at the end of the old line stays on the first new line.
    replaceRange(splices, first.start, inlineEnd(splices.text, first.value.end), lines[0]?.slice(column) ?? empty)
    insertLinesBelow(splices, first.value.end, lines.slice(1))
    return
  }
  if (lines.length > 0) insertLinesAt(splices, lineStart(splices.text, first.start), lines)
  else if (node.within === 'document') insertLinesAt(splices, lineStart(splices.text, first.start), [empty])
  else replaceRange(splices, node.afterProps, node.afterProps, ` ${empty}`)
  remove(first)
}
