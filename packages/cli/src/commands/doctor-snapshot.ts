import { resolve } from 'node:path'
import { redactSnapshot } from '@proa/doctor'
import { writeSnapshot } from '@proa/snapshot'
import type { Context } from '../context.ts'
import { withSource } from '../doctor/source.ts'
import { ExitCode } from '../exit-codes.ts'
import type { DoctorSnapshotOptions } from './doctor.ts'

export async function runDoctorSnapshot(context: Context, options: DoctorSnapshotOptions): Promise<ExitCode> {
  return withSource(context, options, async (source) => {
    const snapshot = await source.take({ kind: 'everything' })
    if (options.output === '-') {
      context.stdout.write(`${JSON.stringify(redactSnapshot(snapshot), null, 1)}\n`)
      return ExitCode.Success
    }
    await writeSnapshot(snapshot, resolve(context.cwd, options.output))
    const { objects, unread } = snapshot
    const missing = unread.length === 0 ? '' : `; ${unread.length} kinds could not be read`
    context.stderr.write(`${options.output}: ${objects.length} objects${missing}. Secrets are left out.\n`)
    return ExitCode.Success
  })
}
