import { displayWidth, padTo } from './width.ts'

/**
 * Lines with aligned columns, two spaces between them and none at the end. Cells may be painted.
 * @param indent spaces before every line.
 * @param least widths that the first columns have at least.
 */
export function tableLines(rows: readonly (readonly string[])[], indent = 0, least: readonly number[] = []): string[] {
  const widths = [...least]
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, displayWidth(cell))
    })
  }
  return rows.map((row) => {
    const cells = row.map((cell, column) => (column === row.length - 1 ? cell : padTo(cell, widths[column] ?? 0)))
    return (' '.repeat(indent) + cells.join('  ')).trimEnd()
  })
}
