import { CHECKS, type Check, type CheckId } from '@proa/doctor'
import { CliError } from '../cli-error.ts'
import { ExitCode } from '../exit-codes.ts'

/** The check of this id, whatever its letters' case. @throws CliError */
export function checkOf(text: string): Check {
  const id = text.trim().toUpperCase()
  const check = CHECKS.find((one) => one.id === id)
  if (check !== undefined) return check
  const hint = /^INJ\d*$/.test(id)
    ? '"proa doctor list" shows all checks.'
    : 'Checks are called INJ101, INJ202 … What the doctor is asked about stands before --check: proa doctor pod NAME --check INJ101'
  throw new CliError(`there is no check "${text}"`, { exitCode: ExitCode.Usage, hint })
}

/** `--check INJ101 INJ102`, `--check INJ101,INJ102`; undefined where it was not given. */
export function checkIds(given: readonly string[] | undefined): readonly CheckId[] | undefined {
  return given?.flatMap((text) => text.split(',').filter((part) => part.trim() !== '')).map((text) => checkOf(text).id)
}
