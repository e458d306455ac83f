import { CliError } from '../cli-error.ts'
import type { DoctorOptions } from '../commands/doctor.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'

/** @throws CliError where two flags cannot both be meant. */
export function checkDoctorOptions({ stdin }: Context, options: DoctorOptions): void {
  const usage = (message: string, hint: string): CliError => new CliError(message, { exitCode: ExitCode.Usage, hint })
  const { fix, dryRun, yes, output, filename, wait, message } = options
  if (fix !== true && (dryRun === true || yes === true)) {
    throw usage(`--${dryRun === true ? 'dry-run' : 'yes'} says how --fix goes`, 'Give --fix too.')
  }
  if (fix === true && output !== 'text')
    throw usage('--fix speaks to people', 'The changes are in -o json, too: leave --fix out.')
  if (fix === true && dryRun !== true && filename !== undefined) {
    throw usage('--fix changes a cluster, not files', 'Print the changes with --fix --dry-run.')
  }
  if (fix === true && dryRun !== true && yes !== true && stdin.isTTY !== true) {
    throw usage(
      '--fix asks before each change, and here is no terminal',
      'Give --yes, or --dry-run to see the changes.',
    )
  }
  if (fix === true && message !== undefined)
    throw usage('--message explains, --fix changes', 'Leave one of the two out.')
  if (wait !== undefined && filename !== undefined)
    throw usage('--wait needs a cluster', 'Files do not change: leave -f out.')
  if (message?.includes('-') === true && filename?.includes('-') === true) {
    throw usage('standard input can be read only once', 'Give -f FILE or --message TEXT.')
  }
}
