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
  /** Ends with a line break. */
  readonly text: string
  /** The original text does not. */
  readonly unfinished: boolean
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
  // Every line has an end while lines come and go; `applySplices` takes the one that was not there away again.
  const finished = text.endsWith('\n') ? text : text + eol
  return {
    text: finished,
    unfinished: finished !== text,
    eol,
    list: [],
    removals: [],
    changed: new Set(),
    gone: new Set(),
  }
}

export function replaceRange(splices: Splices, start: number, end: number, text: string): void {
  splices.list.push({ start, end, text })
}

/** Inserts whole lines before the line of `offset` (which must be the beginning of a line). */
export function insertLinesAt(splices: Splices, offset: number, lines: readonly string[]): void {
  replaceRange(splices, offset, offset, lines.join(splices.eol) + splices.eol)
}

/** Inserts whole lines below the line on which the content before `offset` ends. */
export function insertLinesBelow(splices: Splices, offset: number, lines: readonly string[]): void {
  if (lines.length > 0) insertLinesAt(splices, nextLine(splices.text, offset), lines)
}

/** Removes the lines from that of `start` to that of `end`, line break included. */
function removeLines(splices: Splices, start: number, end: number): void {
  const { text } = splices
  replaceRange(splices, lineStart(text, start), nextLine(text, end), '')
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
  const { text, eol, unfinished, list, removals } = splices
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
  const result = parts.join('')
  return unfinished && result.endsWith(eol) ? result.slice(0, -eol.length) : result
}
