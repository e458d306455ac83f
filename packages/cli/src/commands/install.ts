import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addClusterOptions, type ClusterOptions } from '../installation/cluster-options.ts'
import { duration } from './duration.ts'
import { addInstallationOptions, type InstallationFlags } from './installation-options.ts'

export interface InstallOptions extends InstallationFlags, ClusterOptions {
  readonly default?: boolean
  readonly dryRun?: boolean
  readonly forceConflicts?: boolean
  readonly wait: boolean
  readonly check: boolean
  /** Seconds. */
  readonly waitTimeout: number
}

export function addInstallCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const command = program
    .command('install')
    .summary('install the injector into a cluster')
    .description(
      'Applies what "proa manifests" prints: first what runs, then, when it runs, the webhooks. At the end a Pod is created ' +
        'as a dry run to see that it really gets a sidecar. Running it again changes only what differs.',
    )
  addInstallationOptions(addClusterOptions(command))
    .option('--default', 'become the injector of istio-injection=enabled, instead of the one that is')
    .option('--dry-run', 'ask the cluster what would change, and change nothing')
    .option('--force-conflicts', 'take over fields that others have written')
    .option('--no-wait', 'do not wait until the injector is ready; applies the webhooks at once')
    .option('--no-check', 'do not try a Pod at the end')
    .option('--wait-timeout <duration>', 'how long to wait: 90s, 5m', duration, 180)
    .action(async (options: InstallOptions) => {
      const { runInstall } = await import('./install-run.ts')
      finish(await runInstall(context, options))
    })
}
