import { type Configuration, injectWorkload, loadConfiguration } from '@proa/injector'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { type Card, cardLines } from '../demo/card.ts'
import { findExamples } from '../demo/find-examples.ts'
import { ExitCode } from '../exit-codes.ts'
import { type InputObject, objectName } from '../inputs/objects.ts'
import { painterFor } from '../output/style.ts'
import { textOf } from '../results/changes.ts'
import { loadInputs } from '../workloads/load-inputs.ts'
import type { DemoOptions } from './demo.ts'
import { version } from './version.ts'

export async function runDemo(context: Context, options: DemoOptions): Promise<ExitCode> {
  const folder = options.examples ?? findExamples(import.meta.dirname, context.cwd)
  if (folder === undefined) {
    throw new CliError('the examples folder is not here', {
      hint: 'Run it in a checkout, or give --examples DIRECTORY.',
    })
  }
  const configuration = loadConfiguration({}, { env: (name) => context.env[name] })
  const { objects } = await loadInputs(context, { filename: [folder] })
  const cards = objects.flatMap((object) => cardOf(object, configuration) ?? [])
  const paint = painterFor(context.stdout, context.env)
  // Some terminals say that they have no columns at all.
  const width = Math.min(context.stdout.columns || 100, 120)
  const release = configuration.decision.release.name
  const title = `proa ${version()} injects the workloads of ${folder} with its built-in configuration (Istio ${release})`
  context.stdout.write(
    `${[paint('bold', title), '', ...cards.flatMap((card) => cardLines(card, paint, width))].join('\n')}\n`,
  )
  const surprises = cards.filter((card) => !card.asExpected).length
  context.stdout.write(`${summary(cards, surprises)}\n`)
  return surprises === 0 && cards.length > 0 ? ExitCode.Success : ExitCode.Unmet
}

function cardOf(object: InputObject, configuration: Configuration): Card | undefined {
  // The answer of the cluster: policy, selectors and namespace count.
  const result = injectWorkload(object.value, configuration, { mode: 'webhook' })
  if (result.kind === 'not-a-workload') return undefined
  const expected = /^\s*#\s*expect:\s*(injected|skipped)\b/m.exec(textOf(object.document))?.[1]
  return {
    title: objectName(object.value),
    source: object.document.file.name,
    verdict: result.kind,
    decision: result.decision,
    added: result.kind === 'injected' ? result.added : undefined,
    fault: result.kind === 'failed' ? result.error.message : undefined,
    asExpected: expected === undefined ? result.kind !== 'failed' : expected === result.kind,
  }
}

function summary(cards: readonly Card[], surprises: number): string {
  const count = (verdict: Card['verdict']) => cards.filter((card) => card.verdict === verdict).length
  const parts = (['injected', 'skipped', 'failed'] as const).flatMap((verdict) =>
    count(verdict) === 0 ? [] : [`${count(verdict)} ${verdict}`],
  )
  const verdict = surprises === 0 ? 'everything as expected' : `${surprises} not as expected`
  return `${cards.length} workloads: ${parts.join(', ')}; ${verdict}.`
}
