import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { addClusterOptions, type ClusterOptions } from '../installation/cluster-options.ts'

export interface UninstallOptions extends ClusterOptions {
  readonly namespace: string
  readonly revision: string
  readonly dryRun?: boolean
}

export function addUninstallCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  const command = program
    .command('uninstall')
    .summary('take the injector out of a cluster')
    .description(
      'Deletes the webhooks first, so that nothing holds up a Pod, and then the rest of what "proa install" applied. The ' +
        'namespace and the ConfigMaps of others stay. Pods keep their sidecars until they are created anew.',
    )
  addClusterOptions(command)
    .option('-n, --namespace <name>', 'where the injector runs', 'istio-system')
    .option('-r, --revision <name>', 'the revision to take out', 'default')
    .option('--dry-run', 'say what would be deleted, and delete nothing')
    .action(async (options: UninstallOptions) => {
      const { runUninstall } = await import('./uninstall-run.ts')
      finish(await runUninstall(context, options))
    })
}
