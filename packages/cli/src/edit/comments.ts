import { lineStart, nextLine } from './text-lines.ts'

/**
 * Where the comment lines that stand directly above a line begin; the line itself when there are none. Comments at the
 * head of a document belong to the document.
 */
export function commentStart(text: string, offset: number): number {
  let start = lineStart(text, offset)
  while (start > 0) {
    const above = lineStart(text, start - 1)
    if (!text.slice(above, start).trimStart().startsWith('#')) break
    start = above
  }
  return text.slice(0, start).trim() === '' ? lineStart(text, offset) : start
}

/** The comment lines directly above the line of an entry, without their indentation. */
export function commentsAbove(text: string, offset: number): string[] {
  const start = commentStart(text, offset)
  const lines = text.slice(start, lineStart(text, offset)).split('\n').slice(0, -1)
  return lines.map((line) => line.trim())
}

/** ` # why` behind a value on its line, or nothing. */
export function commentBehind(text: string, end: number): string {
  const rest = text.slice(end, nextLine(text, end)).trimEnd()
  return /^\s+#/.test(rest) ? rest : ''
}
