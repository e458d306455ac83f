import { type CheckId, diagnose, type Report, type Snapshot, type Target } from '@proa/doctor'
import type { Context } from '../context.ts'
import { checkDoctorOptions } from '../doctor/check-options.ts'
import { checkIds } from '../doctor/checks.ts'
import { offerFixes } from '../doctor/fix.ts'
import { explainMessages } from '../doctor/message.ts'
import { printReport } from '../doctor/render.ts'
import { type Source, targetIn, withSource } from '../doctor/source.ts'
import { readTarget } from '../doctor/target.ts'
import { untilNoError } from '../doctor/wait.ts'
import type { ExitCode } from '../exit-codes.ts'
import type { DoctorOptions } from './doctor.ts'

/** A report and what it was made from. */
export interface Diagnosis {
  readonly snapshot: Snapshot
  readonly report: Report
}

export async function runDoctor(
  context: Context,
  words: readonly (string | undefined)[],
  options: DoctorOptions,
): Promise<ExitCode> {
  checkDoctorOptions(context, options)
  const asked = readTarget(words, options.namespace)
  const checks = checkIds(options.check)
  if (options.message !== undefined) return explainMessages(context, asked, options)
  return withSource(context, options, async (source) => {
    const target = targetIn(asked, source)
    const diagnosis = await diagnoseOnceOrMore(source, target, checks, options)
    await printReport(context, diagnosis.report, diagnosis.snapshot, options)
    if (options.fix !== true) return diagnosis.report.exitCode
    return offerFixes(context, source, diagnosis, options, () => diagnoseOnce(source, target, checks, options))
  })
}

async function diagnoseOnce(
  source: Source,
  target: Target,
  checks: readonly CheckId[] | undefined,
  { strict }: DoctorOptions,
): Promise<Diagnosis> {
  const snapshot = await source.take(target)
  const report = diagnose(snapshot, {
    target,
    ...(checks === undefined ? {} : { checks }),
    ...(strict === undefined ? {} : { strict }),
  })
  return { snapshot, report }
}

function diagnoseOnceOrMore(
  source: Source,
  target: Target,
  checks: readonly CheckId[] | undefined,
  options: DoctorOptions,
): Promise<Diagnosis> {
  const once = () => diagnoseOnce(source, target, checks, options)
  return options.wait === undefined ? once() : untilNoError(once, options.wait, source.signal)
}
