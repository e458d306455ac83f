import type { Json } from '@proa/kube'
import type { Change, CheckOutcome, Evidence, ObjectName } from '../src/finding.ts'

/** A finding with everything that it says, in both languages, for the golden files beside the fixtures. */
export function outcomeText(outcome: CheckOutcome): string {
  if (outcome.outcome === 'not-evaluated') {
    const where = outcome.object === undefined ? '' : ` ${title(outcome.object)}`
    return `not evaluated${where}\n  en: ${outcome.reason.en}\n  zh: ${outcome.reason.zh}\n`
  }
  const { object, severity, revision, routine, confidence, message, meaning, evidence, fix } = outcome
  const marks = [severity, revision && `revision ${revision}`, routine && 'routine', confidence].filter(Boolean)
  return [
    `${title(object)} (${marks.join(', ')})`,
    `  en: ${message.en}`,
    `  zh: ${message.zh}`,
    ...(meaning === undefined ? [] : [`  meaning en: ${meaning.en}`, `  meaning zh: ${meaning.zh}`]),
    ...evidence.map(evidenceText),
    ...(fix === undefined
      ? []
      : [
          `  fix en: ${fix.text.en}`,
          `  fix zh: ${fix.text.zh}`,
          ...fix.commands.map((command) => `    $ ${command.replaceAll('\n', '\n      ')}`),
          ...fix.changes.map((change) => `    change ${changeText(change)}`),
        ]),
    '',
  ].join('\n')
}

function title({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`
}

function evidenceText({ object, path, value, label }: Evidence): string {
  const where = object === undefined ? path : `${title(object)}: ${path}`
  const side = label === undefined ? '' : ` [${label.en} | ${label.zh}]`
  return `  - ${where} = ${valueText(value)}${side}`
}

function valueText(value: Json | undefined): string {
  if (value === undefined) return '(nothing there)'
  const text = JSON.stringify(value)
  return text.length <= 300 ? text : `${text.slice(0, 140)} … ${text.slice(-140)}`
}

function changeText(change: Change): string {
  if (change.kind === 'delete') return `delete ${title(change.object)}`
  if (change.kind === 'apply') return `apply ${title(change.object)} ${valueText(change.body)}`
  const { patch } = change
  return `${patch.type} ${title(change.object)} ${JSON.stringify(patch.type === 'json' ? patch.operations : patch.body)}`
}
