import type { NotEvaluatedCheck } from '../../finding.ts'
import { objectTitle } from '../../naming.ts'
import { wrap } from '../width.ts'
import type { Style } from './options.ts'

/** Grouped by reason: one missing permission stops many checks. */
export function notEvaluatedLines(entries: readonly NotEvaluatedCheck[], style: Style): readonly string[] {
  if (entries.length === 0) return []
  const groups = [...Map.groupBy(entries, ({ reason }) => style.say(reason))]
  return [
    style.paint.strong(style.words.notEvaluated),
    '',
    ...groups.flatMap(([reason, all]) => groupLines(reason, all, style)),
    '',
  ]
}

const MOST_OBJECTS = 5

function groupLines(reason: string, all: readonly NotEvaluatedCheck[], { paint, width, verbose, words }: Style) {
  const ids = [...new Set(all.map(({ id }) => id))].join(', ')
  const objects = [...new Set(all.flatMap(({ object }) => (object === undefined ? [] : [objectTitle(object)])))]
  const shown = verbose ? objects : objects.slice(0, MOST_OBJECTS)
  const rest = objects.length - shown.length
  const about = words.list([...shown, ...(rest > 0 ? [words.andMore(rest)] : [])])
  const said = verbose ? [...new Set(all.flatMap(({ missing }) => missing.map(({ message }) => message)))] : []
  return [
    ...wrap(`? ${reason}`, width - 2).map((line, index) => `  ${index === 0 ? '' : '  '}${line}`),
    ...wrap(about === '' ? ids : `${ids} · ${about}`, width - 6).map((line) => `    ${paint.faint(line)}`),
    ...said.map((message) => `      ${paint.faint(message)}`),
  ]
}
