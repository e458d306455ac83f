import { commentStart } from './comments.ts'
import { SourceError, type SourceNode, walk } from './source-node.ts'
import { lineStart, nextLine } from './text-lines.ts'

/** Replace `[start, end)` of the text; an insertion when both are equal. */
interface Splice {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The changes to one text, collected in any order and made at once, so that every offset means the original text. */
export interface Splices {
  readonly text: string
  readonly eol: string
  readonly list: Splice[]
  /** Entries of block collections that go, by their first and last character. */
  readonly removals: { readonly start: number; readonly end: number; readonly value: SourceNode }[]
  /** Nodes whose value is another one now. */
  readonly changed: Set<SourceNode>
  /** Nodes whose text is not there any more. */
  readonly gone: Set<SourceNode>
}

export function startSplices(text: string, eol: string): Splices {
  return { text, eol, list: [], removals: [], changed: new Set(), gone: new Set() }
}

export function replaceRange(splices: Splices, start: number, end: number, text: string): void {
  splices.list.push({ start, end, text })
}

/** Inserts whole lines before the line of `offset` (which must be the beginning of a line). */
export function insertLinesAt(splices: Splices, offset: number, lines: readonly string[]): void {
  const { text, eol } = splices
  const unfinished = offset === text.length && offset > 0 && !text.endsWith('\n')
  replaceRange(splices, offset, offset, unfinished ? eol + lines.join(eol) : lines.join(eol) + eol)
}

/** Inserts whole lines below the line on which the content before `offset` ends. */
export function insertLinesBelow(splices: Splices, offset: number, lines: readonly string[]): void {
  if (lines.length > 0) insertLinesAt(splices, nextLine(splices.text, offset), lines)
}

/** Removes the lines from that of `start` to that of `end`, line break included. */
function removeLines(splices: Splices, start: number, end: number): void {
  const { text } = splices
  let from = lineStart(text, start)
  const to = nextLine(text, end)
  // At the end of a text without a last line break it is the break before that has to go.
  if (to === text.length && !text.endsWith('\n') && from > 0) from -= text[from - 2] === '\r' ? 2 : 1
  replaceRange(splices, from, to, '')
}

export function markGone(splices: Splices, node: SourceNode): void {
  walk(node, (inner) => splices.gone.add(inner))
}

/**
 * The text with all changes made.
 * @param moved nodes that were written elsewhere: the comments above them were too.
 * @throws SourceError when two of them claim the same characters.
 */
export function applySplices(splices: Splices, moved: ReadonlySet<SourceNode>): string {
  const { text, list, removals } = splices
  for (const { start, end, value } of removals) {
    removeLines(splices, moved.has(value) ? commentStart(text, start) : start, end)
  }
  const sorted = list.map((splice, order) => ({ ...splice, order }))
  // Where two begin at the same place, the insertion comes first; otherwise the order of collection holds.
  const rank = (splice: Splice) => (splice.start === splice.end ? 0 : 1)
  sorted.sort((a, b) => a.start - b.start || rank(a) - rank(b) || a.order - b.order)
  const parts: string[] = []
  let at = 0
  let deleting = false
  for (const { start, end, text: replacement } of sorted) {
    const deletes = replacement === '' && end > start
    if (start < at && !(deletes && deleting)) throw new SourceError('two changes touch the same text')
    if (start > at) parts.push(text.slice(at, start))
    parts.push(replacement)
    at = Math.max(at, end)
    deleting = deletes
  }
  parts.push(text.slice(at))
  return parts.join('')
}
