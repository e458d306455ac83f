import { resolve } from 'node:path'
import { StateFileError, startLocalCluster } from '@proa/local-cluster'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { cannotStart } from '../local-cluster/cannot-start.ts'
import { injectorRunner } from '../local-cluster/injector-runner.ts'
import { kubeconfigPlace } from '../local-cluster/kubeconfig-place.ts'
import { stopSignals } from '../stop-signals.ts'
import type { LocalClusterCommandOptions } from './local-cluster.ts'

export async function runLocalCluster(context: Context, options: LocalClusterCommandOptions): Promise<ExitCode> {
  const kubeconfig = await kubeconfigPlace(context, options.kubeconfig)
  const { port, host, data, kubeletVersion } = options
  const cluster = await startLocalCluster({
    port,
    host,
    kubeconfig,
    runContainer: injectorRunner(),
    ...(data === undefined ? {} : { data: resolve(context.cwd, data) }),
    ...(kubeletVersion === undefined ? {} : { kubeletVersion }),
    log: (level, message) => {
      if (level === 'warn') context.stderr.write(`warning: ${message}\n`)
    },
  }).catch((error: unknown) => {
    throw error instanceof StateFileError ? new CliError(error.message, { cause: error }) : cannotStart(error)
  })
  context.stdout.write(`local cluster at ${cluster.url}; not for production\n  export KUBECONFIG=${kubeconfig}\n`)
  const signals = stopSignals()
  try {
    await signals.next()
    return ExitCode.Success
  } finally {
    // A second signal ends the process in the usual way.
    signals.release()
    await cluster.stop()
  }
}
