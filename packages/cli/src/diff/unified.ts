import type { Paint } from '../output/style.ts'
import { commonRuns } from './lines.ts'

/** Lines of unchanged text around a change, as diff and git have it. */
const contextLines = 3

/** One changed stretch: lines `[oldStart, oldEnd)` become lines `[newStart, newEnd)`. */
interface Change {
  readonly oldStart: number
  readonly oldEnd: number
  readonly newStart: number
  readonly newEnd: number
}

/**
 * The difference of two texts in unified format, fit for `patch -p1` and `git apply`; '' when they are equal.
 * @param name of the file; the headers say `a/name` and `b/name`.
 */
export function unifiedDiff(before: string, after: string, name: string, paint: Paint): string {
  if (before === after) return ''
  const [oldLines, newLines] = [splitLines(before), splitLines(after)]
  const lines = [paint('bold', `--- a/${name}`), paint('bold', `+++ b/${name}`)]
  for (const group of groups(changes(oldLines, newLines))) lines.push(...hunk(group, oldLines, newLines, paint))
  return `${lines.join('\n')}\n`
}

/** Lines keep the information whether a line break ends them. */
function splitLines(text: string): string[] {
  const lines = text.split(/(?<=\n)/)
  return text === '' ? [] : lines
}

function changes(before: readonly string[], after: readonly string[]): Change[] {
  const found: Change[] = []
  let [oldAt, newAt] = [0, 0]
  const end = { oldStart: before.length, newStart: after.length, length: 0 }
  for (const { oldStart, newStart, length } of [...commonRuns(before, after), end]) {
    if (oldStart > oldAt || newStart > newAt) {
      found.push({ oldStart: oldAt, oldEnd: oldStart, newStart: newAt, newEnd: newStart })
    }
    oldAt = oldStart + length
    newAt = newStart + length
  }
  return found
}

/** Changes whose context touches share a hunk. */
function groups(all: readonly Change[]): Change[][] {
  const grouped: Change[][] = []
  for (const change of all) {
    const last = grouped.at(-1)?.at(-1)
    if (last !== undefined && change.oldStart - last.oldEnd <= 2 * contextLines) grouped.at(-1)?.push(change)
    else grouped.push([change])
  }
  return grouped
}

function hunk(group: readonly Change[], before: readonly string[], after: readonly string[], paint: Paint): string[] {
  const first = group[0]
  const last = group.at(-1)
  if (first === undefined || last === undefined) return []
  const from = Math.max(0, first.oldStart - contextLines)
  const to = Math.min(before.length, last.oldEnd + contextLines)
  const newFrom = first.newStart - (first.oldStart - from)
  const newTo = last.newEnd + (to - last.oldEnd)
  const lines = [paint('cyan', `@@ -${range(from, to)} +${range(newFrom, newTo)} @@`)]
  let at = from
  for (const change of group) {
    lines.push(...show(' ', before.slice(at, change.oldStart), undefined))
    lines.push(...show('-', before.slice(change.oldStart, change.oldEnd), (text) => paint('red', text)))
    lines.push(...show('+', after.slice(change.newStart, change.newEnd), (text) => paint('green', text)))
    at = change.oldEnd
  }
  lines.push(...show(' ', before.slice(at, to), undefined))
  return lines
}

/** 1-based begin and length; an empty range is named by the line before it. */
function range(from: number, to: number): string {
  const length = to - from
  if (length === 1) return String(from + 1)
  return `${length === 0 ? from : from + 1},${length}`
}

function show(sign: string, lines: readonly string[], colour: ((text: string) => string) | undefined): string[] {
  return lines.flatMap((line) => {
    const complete = line.endsWith('\n')
    const text = sign + (complete ? line.slice(0, -1) : line)
    const shown = colour === undefined ? text : colour(text)
    return complete ? [shown] : [shown, '\\ No newline at end of file']
  })
}
