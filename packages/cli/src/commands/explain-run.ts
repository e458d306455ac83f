import {
  type Explanation,
  explainWorkload,
  renderExplanationMermaid,
  renderExplanationText,
  type Paint as TextPaint,
} from '@proa/injector'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import type { InputObject } from '../inputs/objects.ts'
import { reportError, warn } from '../output/report.ts'
import { painterFor, wantsColour } from '../output/style.ts'
import { visible, visiblePainted } from '../output/visible.ts'
import { hiddenTemplate, unknownWorkload } from '../workloads/hidden-template.ts'
import { type Inputs, loadInputs } from '../workloads/load-inputs.ts'
import { namespaceLabels, readNamespaces } from '../workloads/namespaces.ts'
import { documentCounts, placeOf, workloadError } from '../workloads/place.ts'
import { loadSession, readKind } from '../workloads/session.ts'
import type { ExplainOptions } from './explain.ts'

/** The decision on one workload and the object that it is about. */
interface Entry {
  readonly object: InputObject
  readonly explanation: Explanation
}

export async function runExplain(context: Context, options: ExplainOptions): Promise<ExitCode> {
  const inputs = await loadInputs(context, options)
  const entries = await explainAll(context, options, inputs)
  if (entries === undefined) return ExitCode.Failed
  context.stdout.write(render(context, options, entries))
  return options.expect === undefined ? ExitCode.Success : checkExpectation(context, options.expect, entries)
}

/** Undefined when one workload cannot be explained; the errors are reported then. */
async function explainAll(
  context: Context,
  options: ExplainOptions,
  { objects }: Inputs,
): Promise<Entry[] | undefined> {
  const configuration = await loadSession(context, options)
  const namespaces = namespaceLabels(await readNamespaces(context, options.namespaces, objects))
  const webhooks =
    options.webhooks === undefined
      ? undefined
      : await readKind(context, options.webhooks, 'MutatingWebhookConfiguration')
  const countOf = documentCounts(objects)
  const entries: Entry[] = []
  let failed = false
  for (const object of objects) {
    const result = explainWorkload(object.value, configuration, {
      namespaces,
      ...(options.namespace === undefined ? {} : { namespace: options.namespace }),
      ...(webhooks === undefined ? {} : { webhooks }),
      ...(options.workload === undefined ? {} : { extraWorkloads: options.workload }),
    })
    if (result.kind === 'explained') entries.push({ object, explanation: result.explanation })
    if (result.kind === 'not-a-workload') noteUnknown(context, object, countOf(object))
    if (result.kind !== 'failed') continue
    failed = true
    reportError(context, workloadError(object, countOf(object), result.error, options.workload))
  }
  return failed ? undefined : entries
}

function noteUnknown(context: Context, object: InputObject, documents: number): void {
  const path = hiddenTemplate(object.value)
  if (path !== undefined) warn(context, placeOf(object, documents), unknownWorkload(object.value, path, 'explain'))
}

function render(context: Context, { lang, output }: ExplainOptions, entries: readonly Entry[]): string {
  const explanations = entries.map(({ explanation }) => explanation)
  if (output === 'json') return `${JSON.stringify(explanations, null, 2)}\n`
  if (output === 'mermaid') {
    return visible(explanations.map((each) => renderExplanationMermaid(each, lang)).join('\n'))
  }
  if (entries.length === 0) return `${noWorkloads[lang]}\n`
  const paint = textPaint(context)
  const text = explanations.map((each) => renderExplanationText(each, { language: lang, paint })).join('\n')
  return wantsColour(context.stdout, context.env) ? visiblePainted(text) : visible(text)
}

function textPaint({ stdout, env }: Context): TextPaint {
  const paint = painterFor(stdout, env)
  return {
    good: (text) => paint('green', text),
    bad: (text) => paint('yellow', text),
    strong: (text) => paint('bold', text),
    faint: (text) => paint('dim', text),
  }
}

const noWorkloads = {
  en: 'There is no workload in the input.',
  zh: '输入中没有工作负载。',
} as const

function checkExpectation(context: Context, expected: 'injected' | 'skipped', entries: readonly Entry[]): ExitCode {
  const fail = (message: string, place = {}) => {
    reportError(context, new CliError(message, { place, exitCode: ExitCode.Unmet }))
    return ExitCode.Unmet
  }
  if (entries.length === 0) return fail(`there is no workload that could be ${expected}`)
  const countOf = documentCounts(entries.map(({ object }) => object))
  let code: ExitCode = ExitCode.Success
  for (const { object, explanation } of entries) {
    const actual = explanation.injected ? 'injected' : 'skipped'
    if (actual !== expected) {
      code = fail(`expected ${expected}, but it is ${actual} (${explanation.reason})`, placeOf(object, countOf(object)))
    }
  }
  return code
}
