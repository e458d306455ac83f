/** Han, kana, Hangul, full-width forms and pictures take two columns of a terminal. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|[\u{1f300}-\u{1f64f}\u{1f900}-\u{1f9ff}\u{20000}-\u{3fffd}]/u
const zeroWidth = /\p{Mark}|\u200b|\u200d|\ufe0f/u

/** Columns that an unpainted text takes in a terminal. */
export function displayWidth(text: string): number {
  let width = 0
  for (const character of text) if (!zeroWidth.test(character)) width += wide.test(character) ? 2 : 1
  return width
}

/** The text with spaces behind it up to the width. */
export function padTo(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - displayWidth(text)))
}

/** A cell of a table: padded as what it says, painted afterwards, since colour has no width. */
export interface Cell {
  readonly text: string
  readonly paint?: (text: string) => string
}

/** Lines with aligned columns, two spaces between them and none at the end. */
export function tableLines(rows: readonly (readonly (string | Cell)[])[], indent = ''): readonly string[] {
  const cells = rows.map((row) => row.map((cell): Cell => (typeof cell === 'string' ? { text: cell } : cell)))
  const widths: number[] = []
  for (const row of cells) {
    for (const [column, { text }] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(text))
    }
  }
  return cells.map((row) => {
    const last = row.findLastIndex(({ text }) => text !== '')
    const parts = row.slice(0, last + 1).map(({ text, paint = same }, column) => {
      const filling = column === last ? '' : ' '.repeat((widths[column] ?? 0) - displayWidth(text))
      return paint(text) + filling
    })
    return indent + parts.join('  ')
  })
}

function same(text: string): string {
  return text
}

/** Words, and single wide characters with the punctuation that must not begin a line. */
const unbroken = /[\u3400-\u9fff][，。；：、）」！？]*|[^\s\u3400-\u9fff]+|\s+/gu

/** Breaks a text into lines of at most this many columns; words that are longer stay whole. Its own line breaks are kept. */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => wrapLine(line, width))
}

function wrapLine(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  for (const [part] of text.matchAll(unbroken)) {
    if (line !== '' && displayWidth(line) + displayWidth(part.trimEnd()) > width) {
      lines.push(line.trimEnd())
      line = ''
    }
    line += line === '' ? part.trimStart() : part
  }
  return [...lines, line.trimEnd()]
}
