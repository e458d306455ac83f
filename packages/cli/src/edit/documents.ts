/** Where one document of a stream stands in its text. */
export interface DocumentSpan {
  /** 0-based position among the documents of the stream. */
  readonly index: number
  /** The document without directives, `---` and `...` lines: offsets into the stream, end exclusive. */
  readonly start: number
  readonly end: number
  /** 1-based line on which the span begins. */
  readonly line: number
}

/**
 * Finds the documents of a YAML stream (or the one of a JSON text) without reading them. The markers cannot stand
 * inside a value: YAML keeps `---` and `...` at the beginning of a line for itself, even in quoted text.
 * Spans that hold only space and comments are left out, except that an empty text is one (empty) document.
 */
export function documentSpans(text: string): DocumentSpan[] {
  const spans: DocumentSpan[] = []
  let start = text.startsWith('\ufeff') ? 1 : 0
  let line = 1
  let startLine = 1
  const finish = (end: number) => {
    if (hasContent(text, start, end)) spans.push({ index: spans.length, start, end, line: startLine })
  }
  for (let at = start; at < text.length; line++) {
    const next = nextLineStart(text, at)
    const marker = markerAt(text, at)
    if (marker !== undefined) {
      finish(at)
      // Content may follow on the line of the marker: `--- {a: b}`.
      const inline = marker === '---' && hasContent(text, at + 3, next)
      start = inline ? at + 3 : next
      startLine = inline ? line : line + 1
    }
    at = next
  }
  finish(text.length)
  return spans
}

/** The stream with the text of some of its documents replaced. */
export function replaceSpans(text: string, replacements: ReadonlyMap<DocumentSpan, string>): string {
  const parts: string[] = []
  let at = 0
  const ordered = [...replacements].sort(([a], [b]) => a.start - b.start)
  for (const [span, replacement] of ordered) {
    parts.push(text.slice(at, span.start), replacement)
    at = span.end
  }
  parts.push(text.slice(at))
  return parts.join('')
}

function markerAt(text: string, at: number): '---' | '...' | undefined {
  const marker = text.startsWith('---', at) ? '---' : text.startsWith('...', at) ? '...' : undefined
  const after = text[at + 3]
  return after === undefined || /\s/.test(after) ? marker : undefined
}

function nextLineStart(text: string, at: number): number {
  const found = text.indexOf('\n', at)
  return found < 0 ? text.length : found + 1
}

/** Whether there is anything but space, comments and directives. */
function hasContent(text: string, start: number, end: number): boolean {
  for (let at = start; at < end; ) {
    const next = Math.min(nextLineStart(text, at), end)
    const line = text.slice(at, next).trimStart()
    if (line !== '' && !line.startsWith('#') && !(line.startsWith('%') && text[at] === '%')) return true
    at = next
  }
  return false
}
