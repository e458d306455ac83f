import { type Change, changeCommand, type Language, objectTitle, renderSummary } from '@proa/doctor'
import { dumpYaml, isArray, isObject, type Json } from '@proa/kube'
import type { KubeClient } from '@proa/kube-client'
import { CliError } from '../cli-error.ts'
import type { DoctorOptions } from '../commands/doctor.ts'
import type { Diagnosis } from '../commands/doctor-run.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { asCliError } from '../installation/connect.ts'
import { progressOn } from '../installation/progress.ts'
import { reportError } from '../output/report.ts'
import { askOn } from './ask.ts'
import { type ManualStep, manualSteps, type PlannedChange, planChanges, toRepair } from './changes.ts'
import { FIX_WORDS } from './fix-words.ts'
import { writeText } from './paint.ts'
import { textOptions } from './render.ts'
import type { Source } from './source.ts'

/** Fields that are changed carry this name in `managedFields`. */
const FIELD_MANAGER = 'proa-doctor'

/**
 * Prints the changes that the findings propose, or makes them, each as one request, so that none is made by half.
 * @param again looks at the cluster once more, when something was changed.
 * @returns the exit code of the last look; 2 when a change was refused.
 */
export async function offerFixes(
  context: Context,
  source: Source,
  { report }: Diagnosis,
  options: DoctorOptions,
  again: () => Promise<Diagnosis>,
): Promise<ExitCode> {
  const words = FIX_WORDS[options.lang]
  const findings = toRepair(report.findings, options)
  const planned = planChanges(findings)
  if (planned.length === 0) writeText(context, `\n${words.none}\n`)
  const { client } = source
  if (options.dryRun === true || client === undefined) printPlan(context, planned, options)
  printManual(context, manualSteps(findings), options.lang)
  if (options.dryRun === true || client === undefined || planned.length === 0) return report.exitCode
  const { made, refused } = await makeChanges(context, client, planned, options, source.signal)
  if (made === 0) return refused > 0 ? ExitCode.Failed : report.exitCode
  const { report: after } = await again()
  writeText(context, `${words.afterwards} ${renderSummary(after, textOptions(context, options))}`)
  return refused > 0 ? ExitCode.Failed : after.exitCode
}

function printPlan(context: Context, planned: readonly PlannedChange[], { lang }: DoctorOptions): void {
  if (planned.length === 0) return
  const lines = planned.flatMap((one, index) => [`${index + 1}. ${titleOf(one)}`, ...bodyLines(one, lang), ''])
  writeText(context, `\n${FIX_WORDS[lang].planned(planned.length)}\n\n${lines.join('\n')}`)
}

/** What each is for stands before it as a comment, so that all can be pasted. */
function printManual(context: Context, steps: readonly ManualStep[], lang: Language): void {
  if (steps.length === 0) return
  const lines = steps.flatMap(({ id, object, text, commands }) => [
    `# ${id} ${objectTitle(object)}: ${text[lang]}`,
    ...commands,
  ])
  writeText(context, `\n${FIX_WORDS[lang].byHand}\n${lines.map((one) => `  ${one}\n`).join('')}`)
}

function titleOf({ change, ids }: PlannedChange): string {
  const what = change.kind === 'patch' ? `${change.patch.type} patch` : change.kind
  return `${objectTitle(change.object)}: ${what} (${ids.join(', ')})`
}

/** The patch for people, and the same as a command. */
function bodyLines({ change }: PlannedChange, lang: Language): readonly string[] {
  const whole = changeCommand(change)
  const command = whole.length > LONGEST_COMMAND ? `   ${FIX_WORDS[lang].long}` : `   $ ${whole}`
  if (change.kind === 'delete') return [command]
  const body = bodyOf(change)
  const text = dumpYaml(shortened(body)).trimEnd()
  return [...text.split('\n').map((line) => `   ${line}`), command]
}

function bodyOf(change: Exclude<Change, { readonly kind: 'delete' }>): Json {
  if (change.kind === 'apply') return change.body
  return change.patch.type === 'json' ? (change.patch.operations as unknown as Json) : change.patch.body
}

const LONGEST_VALUE = 80
/** Four certificates fit; the configuration of an injector would fill the screen. */
const LONGEST_COMMAND = 10_000

/** With long values cut, a certificate for example: the command has them whole. */
function shortened(value: Json): Json {
  if (typeof value === 'string') return value.length > LONGEST_VALUE ? `${value.slice(0, LONGEST_VALUE)}…` : value
  if (isArray(value)) return value.map(shortened)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, shortened(inner)]))
}

interface Tally {
  readonly made: number
  readonly refused: number
}

async function makeChanges(
  context: Context,
  client: KubeClient,
  planned: readonly PlannedChange[],
  { yes, lang }: DoctorOptions,
  signal: AbortSignal,
): Promise<Tally> {
  const words = FIX_WORDS[lang]
  const progress = progressOn(context)
  const asking = yes === true ? undefined : askOn(context, signal)
  let [made, refused] = [0, 0]
  try {
    for (const one of planned) {
      signal.throwIfAborted()
      const title = titleOf(one)
      if (asking !== undefined) {
        writeText(context, `\n${[title, ...bodyLines(one, lang)].join('\n')}\n`)
        if (!(await asking.confirm(words.apply))) {
          progress.kept(`${title}: ${words.left}`)
          continue
        }
      }
      try {
        const happened = await makeChange(client, one)
        progress.done(`${title}: ${happened ? words.done : words.unchanged}`)
        made += 1
      } catch (error) {
        refused += 1
        reportError(context, refusal(error, title))
      }
      for (const warning of client.takeWarnings()) progress.notice(warning)
    }
  } finally {
    await asking?.close()
  }
  return { made, refused }
}

async function makeChange(client: KubeClient, { change }: PlannedChange): Promise<boolean> {
  const { apiVersion, kind, namespace, name } = change.object
  const ref = { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }) }
  if (change.kind === 'delete') return client.delete(ref, { propagationPolicy: 'Background' })
  if (change.kind === 'apply') {
    await client.apply(change.body, { fieldManager: FIELD_MANAGER })
    return true
  }
  await client.patch(ref, change.patch, { fieldManager: FIELD_MANAGER })
  return true
}

/** Others may still be made: a refusal ends nothing. Faults of ours do. */
function refusal(error: unknown, title: string): CliError {
  const known = asCliError(error)
  if (!(known instanceof CliError)) throw error
  return new CliError(`${title}: ${known.message}`, { hint: known.hint, cause: error })
}
