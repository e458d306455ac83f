import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addInputOptions, type InputOptions } from './options.ts'
import { addOutputOptions, type ResultOptions } from './result-options.ts'

export interface UninjectOptions extends InputOptions, ResultOptions {}

export function addUninjectCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const command = program
    .command('uninject')
    .summary('take the sidecar out of manifests again')
    .description('Takes out of every workload what an injection by proa or Istio put in.')
  addOutputOptions(addInputOptions(command)).action(async (options: UninjectOptions) => {
    const { runUninject } = await import('./uninject-run.ts')
    finish(await runUninject(context, options))
  })
}
