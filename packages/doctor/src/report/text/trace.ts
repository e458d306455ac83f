import { renderExplanationText, webhookWording } from '@proa/injector'
import { objectTitle } from '../../naming.ts'
import type { WorkloadTrace } from '../../report.ts'
import { explanationPaint } from '../paint.ts'
import { tableLines, wrap } from '../width.ts'
import { headed } from '../words.ts'
import type { Style } from './options.ts'

const MOST_PODS = 10

/** What the webhooks say, where the injector's own decision is not known. */
function webhookLines({ webhooks, expected }: WorkloadTrace, { language, paint }: Style): readonly string[] {
  // That there are none is then not known either.
  if (expected === 'unknown' && webhooks.injectors.length === 0) return []
  const { verdict, consequence } = webhookWording(language)
  const called = webhooks.injectors.filter((one) => one.verdict.called === true)
  return [
    ...webhooks.injectors.map((one) => `    ${paint.faint(verdict(one.verdict))}`),
    `    → ${consequence(
      webhooks.outcome,
      called.map(({ injector }) => injector),
    )}`,
  ]
}

/** The decision as `proa explain` prints it, then what became of the Pods, and both in one sentence. */
export function traceLines(trace: WorkloadTrace, style: Style): readonly string[] {
  const { paint, words, say, width } = style
  const { explanation, actual } = trace
  const title = `${paint.strong(objectTitle(trace.object))}: ${headed(words.expectedNow, words.expected[trace.expected])}`
  const decision =
    explanation === undefined
      ? [title, ...webhookLines(trace, style)]
      : renderExplanationText(explanation, { language: style.language, paint: explanationPaint(paint) })
          .trimEnd()
          .split('\n')
  const shown = style.verbose ? actual : actual.slice(0, MOST_PODS)
  const rows = shown.map(({ name, sidecar, revision, created }) => [
    name,
    { text: words.sidecars[sidecar], paint: sidecar === 'none' ? paint.warn : paint.good },
    revision === undefined ? '' : `${words.revision} ${revision}`,
    { text: created, paint: paint.faint },
  ])
  return [
    ...decision,
    '',
    ...(rows.length === 0 ? [] : [`  ${words.pods}`, ...tableLines(rows, '    ')]),
    ...(actual.length > shown.length ? [`    ${words.andMore(actual.length - shown.length)}`] : []),
    ...wrap(say(trace.summary), width - 2).map((line) => `  ${paint.strong(line)}`),
    '',
  ]
}
