import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'

export interface DemoOptions {
  readonly once?: true
  readonly examples?: string
}

export function addDemoCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  program
    .command('demo')
    .summary('inject the example workloads and show what happens')
    .description(
      'Injects the workloads of the examples folder with the built-in configuration and shows every decision.',
    )
    .option('--once', 'end after one run; the exit code says whether every example came out as it expects')
    .option('--examples <dir>', 'another folder with examples')
    .action(async (options: DemoOptions) => {
      const { runDemo } = await import('./demo-run.ts')
      finish(await runDemo(context, options))
    })
}
