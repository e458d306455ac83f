import type { Json } from '@proa/kube'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { type Explained, loadEngine } from '../engine.ts'
import { ExitCode } from '../exit-codes.ts'
import { type InputObject, objectMetadata } from '../inputs/objects.ts'
import { reportError } from '../output/report.ts'
import { wantsColour } from '../output/style.ts'
import { loadInputs } from '../workloads/load-inputs.ts'
import { documentCounts, placeOf } from '../workloads/place.ts'
import { loadSession, readKind, readNamespaces } from '../workloads/session.ts'
import type { ExplainOptions } from './explain.ts'

/** The decision on one workload and the object that it is about. */
interface Entry {
  readonly object: InputObject
  readonly explained: Explained
}

export async function runExplain(context: Context, options: ExplainOptions): Promise<ExitCode> {
  const inputs = await loadInputs(context, options)
  const engine = await loadEngine()
  const configuration = await loadSession(context, options, engine)
  const manifests = inputs.objects.map(({ value }) => value)
  const namespaces = await readNamespaces(context, options.namespaces, manifests)
  const webhooks =
    options.webhooks === undefined
      ? undefined
      : await readKind(context, options.webhooks, 'MutatingWebhookConfiguration')
  const entries: Entry[] = []
  for (const object of inputs.objects) {
    const namespace = objectMetadata(object.value).namespace ?? options.namespace
    const namespaceObject = namespace === undefined ? undefined : namespaces.get(namespace)
    const explained = engine.explain(object.value, configuration, {
      ...(namespace === undefined ? {} : { namespace }),
      ...(namespaceObject === undefined ? {} : { namespaceObject }),
      ...(webhooks === undefined ? {} : { webhooks }),
      ...(options.workload === undefined ? {} : { extraWorkloads: options.workload }),
    })
    if (explained !== undefined) entries.push({ object, explained })
  }
  context.stdout.write(render(context, options, entries))
  return options.expect === undefined ? ExitCode.Success : checkExpectation(context, options.expect, entries)
}

function render(context: Context, options: ExplainOptions, entries: readonly Entry[]): string {
  if (options.output === 'json') {
    const array: Json[] = entries.map(({ explained }) => explained.json)
    return `${JSON.stringify(array, null, 2)}\n`
  }
  const { lang, output: format } = options
  const colour = format === 'text' && wantsColour(context.stdout, context.env)
  const texts = entries.map(({ explained }) =>
    explained.render({ lang, format: format === 'mermaid' ? format : 'text', colour }).trimEnd(),
  )
  if (texts.length === 0) return format === 'text' ? `${noWorkloads[lang]}\n` : ''
  return `${texts.join('\n\n')}\n`
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
  for (const { object, explained } of entries) {
    const actual = explained.injected ? 'injected' : 'skipped'
    if (actual !== expected) {
      code = fail(`expected ${expected}, but it is ${actual} (${explained.reason})`, placeOf(object, countOf(object)))
    }
  }
  return code
}
