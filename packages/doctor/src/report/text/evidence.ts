import type { Evidence, ObjectName } from '../../finding.ts'
import { objectTitle } from '../../naming.ts'
import { objectKey } from '../../run/order.ts'
import { cutLines, valueText } from '../value-text.ts'
import { displayWidth, tableLines, wrap } from '../width.ts'
import type { Style } from './options.ts'

/** One piece of evidence: what it is called, where it stands, and the lines of the value. */
interface Row {
  readonly label: string
  readonly place: string
  readonly value: readonly string[]
}

/** Characters of a value that are shown. */
const LONGEST_VALUE = 160
const MOST_LINES = 8

/**
 * One row each with the values under each other, so that both sides of a comparison can be compared; where that would be too
 * wide, the values stand on lines of their own, still under each other.
 */
export function evidenceLines(
  evidence: readonly Evidence[],
  about: ObjectName,
  style: Style,
  indent: string,
): readonly string[] {
  const rows = evidence.map((one) => rowOf(one, about, style))
  const { faint, strong } = style.paint
  const cells = rows.map(({ label, place, value }) => [
    { text: label === '' ? place : label, paint: faint },
    { text: value[0] ?? '', paint: strong },
    { text: label === '' ? '' : place, paint: faint },
  ])
  const plain = tableLines(
    cells.map((row) => row.map(({ text }) => text)),
    indent,
  )
  const fits = rows.every(({ value }) => value.length === 1) && plain.every((line) => displayWidth(line) <= style.width)
  return fits ? tableLines(cells, indent) : rows.flatMap((row) => blockLines(row, style, indent))
}

function blockLines({ label, place, value }: Row, { paint, width }: Style, indent: string): readonly string[] {
  const title = label === '' ? place : `${label} · ${place}`
  return [
    ...wrap(title, width - indent.length).map((line) => indent + paint.faint(line)),
    ...value.map((line) => `${indent}  ${paint.strong(line)}`),
  ]
}

function rowOf({ object, path, value, label }: Evidence, about: ObjectName, style: Style): Row {
  const elsewhere = object !== undefined && objectKey(object) !== objectKey(about)
  return {
    label: label === undefined ? '' : style.say(label),
    place: elsewhere ? `${objectTitle(object)}: ${path}` : path,
    value:
      value === undefined
        ? [style.words.nothing]
        : typeof value === 'string' && value.trimEnd().includes('\n')
          ? cutLines(value, MOST_LINES)
          : [valueText(value, LONGEST_VALUE)],
  }
}
