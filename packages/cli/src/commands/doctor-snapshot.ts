import { resolve } from 'node:path'
import { redactSnapshot } from '@proa/doctor'
import { writeSnapshot } from '@proa/snapshot'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { withSource } from '../doctor/source.ts'
import { ExitCode } from '../exit-codes.ts'
import type { DoctorSnapshotOptions } from './doctor.ts'

const STDOUT = '-'

export async function runDoctorSnapshot(context: Context, options: DoctorSnapshotOptions): Promise<ExitCode> {
  const { output } = options
  // Before the cluster is asked, which can take a while.
  if (output !== STDOUT && !/\.(?:json|json\.gz|ya?ml)$/i.test(output)) {
    throw new CliError(`"${output}" does not say how to write it`, {
      exitCode: ExitCode.Usage,
      hint: 'Choose a name that ends with .json, .json.gz or .yaml.',
    })
  }
  return withSource(context, options, async (source) => {
    const snapshot = await source.take({ kind: 'everything' })
    if (output === STDOUT) {
      context.stdout.write(`${JSON.stringify(redactSnapshot(snapshot), null, 1)}\n`)
      return ExitCode.Success
    }
    await writeSnapshot(snapshot, resolve(context.cwd, output))
    const missing = snapshot.unread.filter(({ reason }) => reason !== 'not-served' && reason !== 'not-given').length
    const gaps = missing === 0 ? '' : `; ${missing} ${missing === 1 ? 'kind' : 'kinds'} could not be read`
    context.stderr.write(`${output}: ${snapshot.objects.length} objects${gaps}. Secrets are left out.\n`)
    return ExitCode.Success
  })
}
