import { type Command, InvalidArgumentError } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'

export interface StartOptions {
  readonly once?: true
  readonly examples?: string
  readonly port?: number
  readonly kubeconfig?: string
}

export function addStartCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  program
    .command('start')
    .summary('show all of it on a local cluster')
    .description(
      'Starts a local cluster, installs injectors into it with the manifests that a real cluster gets, creates namespaces and ' +
        'workloads, and shows what became of each Pod and why. Then it keeps running, for kubectl.',
    )
    .option('--once', 'end after the table; the exit code says whether every Pod came out as its example expects')
    .option(
      '--examples <directory>',
      'other manifests to apply; "# expect: injected" or "skipped" says what should happen',
    )
    .option('--port <number>', 'port of the API server; default: any that is free', port)
    .option('--kubeconfig <file>', 'where to write the kubeconfig; default: .proa/kubeconfig')
    .action(async (options: StartOptions) => {
      const { runStart } = await import('./start-run.ts')
      finish(await runStart(context, options))
    })
}

export function port(text: string): number {
  const number = Number(text)
  if (!/^\d{1,5}$/.test(text) || number > 65_535) throw new InvalidArgumentError('It has to be a port, 0 to 65535.')
  return number
}
