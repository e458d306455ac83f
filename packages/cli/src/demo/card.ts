import { type AddedSummary, type Decision, type DecisionStep, describeReason } from '@proa/injector'
import type { Format, Paint } from '../output/style.ts'
import { tableLines } from '../output/table.ts'
import { displayWidth, padTo } from '../output/width.ts'

/** What the demonstration shows of one workload. */
export interface Card {
  readonly title: string
  readonly source: string
  readonly verdict: 'injected' | 'skipped' | 'failed'
  readonly decision: Decision | undefined
  readonly added: AddedSummary | undefined
  /** Why it failed. */
  readonly fault: string | undefined
  /** False when the example says that something else should have come out. */
  readonly asExpected: boolean
}

/** The first column is equally wide on every card: `annotations` is the longest label. */
const labelWidth = 11

const marks: Readonly<Record<Card['verdict'], string>> = { injected: '●', skipped: '○', failed: '✗' }
const colours: Readonly<Record<Card['verdict'], Format>> = { injected: 'green', skipped: 'yellow', failed: 'red' }

/** The lines of a card, `width` columns wide at most where the texts allow. */
export function cardLines(card: Card, paint: Paint, width: number): string[] {
  const { verdict, decision, added, fault } = card
  const colour = (text: string) => paint(colours[verdict], text)
  const rows: string[][] = [[colour(verdict), reasonText(card)]]
  if (decision !== undefined) rows.push([paint('dim', 'path'), pathText(decision, paint)])
  if (fault !== undefined) rows.push([paint('dim', 'error'), paint('red', fault)])
  if (added !== undefined) rows.push(...addedRows(added, paint, width - 20))
  if (!card.asExpected) rows.push([paint('red', 'surprise'), paint('red', 'the example expects something else')])
  return [titleLine(card, colour, paint, width), ...tableLines(rows, 4, [labelWidth]), '']
}

function titleLine(
  { verdict, title, source }: Card,
  colour: (text: string) => string,
  paint: Paint,
  width: number,
): string {
  const left = `  ${colour(marks[verdict])} ${paint('bold', title)}`
  const room = Math.max(displayWidth(left) + 2, width - displayWidth(source))
  return padTo(left, room) + paint('dim', source)
}

function reasonText({ decision }: Card): string {
  return decision === undefined ? '' : describeReason(decision.reason, 'en')
}

/** The questions in the order in which they were asked; the last one decided. */
function pathText({ steps }: Decision, paint: Paint): string {
  const asked = steps.filter((step) => step.outcome === 'continue' || step.deciding)
  return asked.map((step) => stepText(step, paint)).join(paint('dim', ' › '))
}

const stepNames: Readonly<Record<DecisionStep['id'], string>> = {
  'host-network': 'host network',
  'ignored-namespace': 'namespace',
  'inject-label': 'label',
  'inject-annotation': 'annotation',
  'never-inject-selector': 'never inject',
  'always-inject-selector': 'always inject',
  policy: 'policy',
}

function stepText({ id, deciding, outcome, finding }: DecisionStep, paint: Paint): string {
  const name = stepNames[id]
  return deciding ? paint(outcome === 'inject' ? 'green' : 'yellow', `${name}: ${finding}`) : paint('dim', name)
}

const labels: readonly (readonly [keyof AddedSummary, string])[] = [
  ['initContainers', 'init'],
  ['containers', 'containers'],
  ['volumes', 'volumes'],
  ['imagePullSecrets', 'secrets'],
  ['changedContainers', 'changed'],
  ['labels', 'labels'],
  ['annotations', 'annotations'],
]

function addedRows(added: AddedSummary, paint: Paint, width: number): string[][] {
  return labels.flatMap(([key, label]) => {
    const names = added[key].map((name) => nameText(added, key, name))
    const sign = key === 'changedContainers' ? '~' : '+'
    return wrap(names, width).map((line, index) => [
      paint('dim', index === 0 ? label : ''),
      index === 0 ? `${paint('green', sign)} ${line}` : `  ${line}`,
    ])
  })
}

function nameText({ nativeSidecars }: AddedSummary, key: keyof AddedSummary, name: string): string {
  return key === 'initContainers' && nativeSidecars.includes(name) ? `${name} (native sidecar)` : name
}

/** Names separated by commas, on as many lines as they need. */
function wrap(names: readonly string[], width: number): string[] {
  const lines: string[] = []
  names.forEach((name, index) => {
    const text = index === names.length - 1 ? name : `${name},`
    const last = lines.at(-1)
    if (last !== undefined && displayWidth(last) + displayWidth(text) + 1 <= width)
      lines[lines.length - 1] = `${last} ${text}`
    else lines.push(text)
  })
  return lines
}
