import {
  CHECKS,
  type Classification,
  classifyMessage,
  diagnose,
  type Report,
  renderMessagesText,
  reportJson,
  type Snapshot,
} from '@proa/doctor'
import { CliError } from '../cli-error.ts'
import type { DoctorOptions } from '../commands/doctor.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { readStdin } from '../inputs/read-files.ts'
import { checkIds } from './checks.ts'
import { writeText } from './paint.ts'
import { printReport, textOptions } from './render.ts'
import { targetIn, withSource } from './source.ts'
import type { AskedTarget } from './target.ts'

/**
 * Says what messages of an API server mean. Where a cluster, files or a target were named, the checks that find the cause are
 * run there too; else no cluster is asked.
 */
export async function explainMessages(context: Context, asked: AskedTarget, options: DoctorOptions): Promise<ExitCode> {
  if (options.output !== 'text' && options.output !== 'json') {
    throw new CliError(`a message is not explained as ${options.output}`, {
      exitCode: ExitCode.Usage,
      hint: 'Choose -o text or -o json.',
    })
  }
  const found = (await textsOf(context, options)).flatMap(classifyMessage)
  const looks = found.length > 0 && asksSomewhere(asked, options)
  const looked = looks ? await lookFor(context, asked, found, options) : undefined
  if (options.output === 'json') context.stdout.write(json(found, looked?.report, options))
  else {
    writeText(context, renderMessagesText(found, textOptions(context, options)))
    if (looked !== undefined) {
      context.stdout.write('\n')
      await printReport(context, looked.report, looked.snapshot, { ...options, verbose: true })
    }
  }
  if (looked !== undefined) return looked.report.exitCode
  return found.length > 0 ? ExitCode.Success : ExitCode.NotEvaluated
}

async function textsOf(context: Context, { message = [] }: DoctorOptions): Promise<readonly string[]> {
  const texts: string[] = []
  for (const text of message) texts.push(text === '-' ? await readStdin(context) : text)
  return texts
}

function asksSomewhere(asked: AskedTarget, { filename, kubeconfig, context }: DoctorOptions): boolean {
  return asked.kind !== 'everything' || filename !== undefined || kubeconfig !== undefined || context !== undefined
}

interface Looked {
  readonly report: Report
  readonly snapshot: Snapshot
}

function lookFor(
  context: Context,
  asked: AskedTarget,
  found: readonly Classification[],
  options: DoctorOptions,
): Promise<Looked> {
  const likely = new Set(found.flatMap((one) => one.checks))
  const checks = checkIds(options.check) ?? CHECKS.flatMap(({ id }) => (likely.has(id) ? [id] : []))
  return withSource(context, options, async (source) => {
    const target = targetIn(asked, source)
    const snapshot = await source.take(target)
    return { snapshot, report: diagnose(snapshot, { target, checks, strict: options.strict === true }) }
  })
}

function json(found: readonly Classification[], report: Report | undefined, { lang }: DoctorOptions): string {
  const messages = found.map(({ verdict, ...one }) => ({ ...one, verdict: verdict[lang] }))
  const rest =
    report === undefined
      ? { findings: [], notEvaluated: [], exitCode: found.length > 0 ? ExitCode.Success : ExitCode.NotEvaluated }
      : reportJson(report, lang)
  return `${JSON.stringify({ messages, ...rest }, null, 2)}\n`
}
