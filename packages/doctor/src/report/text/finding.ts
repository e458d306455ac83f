import type { Finding } from '../../finding.ts'
import { objectTitle } from '../../naming.ts'
import { docsLink } from '../../run/docs-link.ts'
import { MARKS } from '../paint.ts'
import { displayWidth, wrap } from '../width.ts'
import { headed } from '../words.ts'
import { evidenceLines } from './evidence.ts'
import type { Style } from './options.ts'

const INDENT = '    '

/** A finding in full. */
export function findingLines(finding: Finding, style: Style): readonly string[] {
  const { words, paint, say } = style
  const { message, meaning, evidence, fix, object } = finding
  return [
    titleLine(finding, style),
    ...wrapped(say(message), style),
    ...evidenceLines(evidence, object, style, `${INDENT}  `),
    ...(meaning === undefined ? [] : hanging(words.meaning, say(meaning), style)),
    ...(fix === undefined ? [] : [...hanging(words.fix, say(fix.text), style), ...commandLines(fix.commands, style)]),
    INDENT +
      paint.faint(headed(words.more, `proa doctor explain ${finding.id} · ${docsLink(finding.id, style.language)}`)),
    '',
  ]
}

function titleLine({ id, severity, object, confidence, revision }: Finding, { words, paint }: Style): string {
  const notes = [
    ...(confidence === 'certain' ? [] : [words.confidence[confidence]]),
    ...(revision === undefined ? [] : [`${words.revision} ${revision}`]),
  ]
  const mark = paint[severity](`${MARKS[severity]} ${words.severities[severity]} ${id}`)
  const rest = notes.length === 0 ? '' : paint.faint(words.aside(words.list(notes)))
  return `  ${mark}  ${paint.strong(objectTitle(object))}${rest}`
}

function wrapped(text: string, { width }: Style): readonly string[] {
  return wrap(text, width - INDENT.length).map((line) => INDENT + line)
}

/** The heading in front of the first line, the others under its text. */
function hanging(heading: string, text: string, { paint, width }: Style): readonly string[] {
  const column = displayWidth(headed(heading, ''))
  const [first = '', ...others] = wrap(text, width - INDENT.length - column)
  const gap = ' '.repeat(column - displayWidth(heading))
  return [
    `${INDENT}${paint.strong(heading)}${gap}${first}`,
    ...others.map((line) => INDENT + ' '.repeat(column) + line),
  ]
}

/** Without a prompt and unbroken, so that they can be copied. */
function commandLines(commands: readonly string[], { paint }: Style): readonly string[] {
  return commands.flatMap((command) => command.split('\n').map((line) => `${INDENT}  ${paint.good(line)}`))
}

/** In full before the others of the same check are only named. */
const MOST_IN_FULL = 5
const MOST_NAMED = 40

/** Findings of one check: after the first few, only the objects are named. */
export function sameCheckLines(findings: readonly Finding[], style: Style): readonly string[] {
  // One more in full takes no more room than saying that there is one more.
  const full = style.verbose || findings.length <= MOST_IN_FULL + 1 ? findings.length : MOST_IN_FULL
  const others = findings.slice(full)
  const lines = findings.slice(0, full).flatMap((one) => findingLines(one, style))
  if (others.length === 0) return lines
  const names = others.slice(0, MOST_NAMED).map(({ object }) => objectTitle(object))
  const rest = others.length - names.length
  const listed = style.words.list([...names, ...(rest > 0 ? [style.words.andMore(rest)] : [])])
  const { id = '', severity = 'info' } = others[0] ?? {}
  const mark = style.paint[severity](`${MARKS[severity]} ${style.words.severities[severity]} ${id}`)
  return [
    ...lines,
    `  ${mark}  ${style.words.alike(others.length)}`,
    ...wrapped(listed, style).map((line) => style.paint.faint(line)),
    `${INDENT}${style.paint.faint(style.words.verbose)}`,
    '',
  ]
}
