import { mkdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { StateFileError, startLocalCluster } from '@proa/local-cluster'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import { ExitCode } from '../exit-codes.ts'
import { injectorRunner } from '../local-cluster/injector-runner.ts'
import { untilInterrupted } from '../local-cluster/until-interrupted.ts'
import type { LocalClusterCommandOptions } from './local-cluster.ts'
import { cannotStart } from './start-run.ts'

export async function runLocalCluster(context: Context, options: LocalClusterCommandOptions): Promise<ExitCode> {
  const kubeconfig = resolve(context.cwd, options.kubeconfig)
  await mkdir(dirname(kubeconfig), { recursive: true })
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
  try {
    await untilInterrupted()
    return ExitCode.Success
  } finally {
    await cluster.stop()
  }
}
