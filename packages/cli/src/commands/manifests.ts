import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addInstallationOptions, type InstallationFlags } from './installation-options.ts'

export interface ManifestsOptions extends InstallationFlags {
  readonly output: string
}

export function addManifestsCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const command = program
    .command('manifests')
    .summary('print what an installation consists of, for GitOps')
    .description(
      'Prints all objects of an installation in the order in which they are applied. No cluster is asked. The same flags ' +
        'give the same objects as "proa install" applies.',
    )
  addInstallationOptions(command)
    .option('-o, --output <where>', 'yaml, json, or a directory that gets one file for each object', 'yaml')
    .action(async (options: ManifestsOptions) => {
      const { runManifests } = await import('./manifests-run.ts')
      finish(await runManifests(context, options))
    })
}
