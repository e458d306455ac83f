import type { Command } from 'commander'
import type { Context } from '../context.ts'
import type { ExitCode } from '../exit-codes.ts'
import { port } from './start.ts'

export interface LocalClusterCommandOptions {
  readonly port: number
  readonly host: string
  readonly data?: string
  readonly kubeconfig: string
  readonly kubeletVersion?: string
}

export function addLocalClusterCommand(program: Command, context: Context, finish: (code: ExitCode) => void): void {
  program
    .command('local-cluster')
    .summary('run a Kubernetes API in this process, for development and tests')
    .description(
      'Runs an API server with controllers, in memory. There is no container runtime: Pods are only marked as running, but for ' +
        'proa’s own injector, which "proa install" can put into it. It is not for production.',
    )
    .option('--port <number>', 'port of the API server; 0: any that is free', port, 6443)
    .option('--host <address>', 'address to listen on; another one than the default opens it to others', '127.0.0.1')
    .option('--data <file>', 'keep the state in this file')
    .option('--kubeconfig <file>', 'where to write the kubeconfig', '.proa/kubeconfig')
    .option('--kubelet-version <version>', 'what its Node says: v1.36.3')
    .action(async (options: LocalClusterCommandOptions) => {
      const { runLocalCluster } = await import('./local-cluster-run.ts')
      finish(await runLocalCluster(context, options))
    })
}
