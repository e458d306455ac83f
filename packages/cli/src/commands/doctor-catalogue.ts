import { CHECKS, describeCheck, renderCheckList, renderCheckText } from '@proa/doctor'
import type { Context } from '../context.ts'
import { checkOf } from '../doctor/checks.ts'
import { reportPaint } from '../doctor/paint.ts'
import { ExitCode } from '../exit-codes.ts'
import type { DoctorListOptions } from './doctor.ts'

export function runDoctorList(context: Context, { lang, output }: DoctorListOptions): ExitCode {
  const text =
    output === 'json'
      ? json(CHECKS.map((check) => describeCheck(check, lang)))
      : renderCheckList(CHECKS, { language: lang, paint: reportPaint(context) })
  context.stdout.write(text)
  return ExitCode.Success
}

export function runDoctorExplain(context: Context, id: string, { lang, output }: DoctorListOptions): ExitCode {
  const check = checkOf(id)
  const width = context.stdout.columns
  const text =
    output === 'json'
      ? json(describeCheck(check, lang))
      : renderCheckText(check, {
          language: lang,
          paint: reportPaint(context),
          ...(width === undefined ? {} : { width: Math.min(width, 120) }),
        })
  context.stdout.write(text)
  return ExitCode.Success
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`
}
