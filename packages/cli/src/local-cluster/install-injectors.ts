import type { KubeClient } from '@proa/kube-client'
import { builtinConfiguration, type InstallationOptions } from '@proa/manifests'
import { install } from '../commands/install-run.ts'
import { applier } from '../installation/apply.ts'
import { fitToNeighbours } from '../installation/neighbours.ts'
import type { Progress } from '../installation/progress.ts'
import { injectorConfigurations } from '../installation/webhooks.ts'

/** The injectors of the local cluster: the usual one, and two of other opinions. */
export const DEMONSTRATED: readonly InstallationOptions[] = [
  { revision: 'default', replicas: 2 },
  { revision: 'canary', replicas: 1, env: { ENABLE_NATIVE_SIDECARS: 'false' } },
  { revision: 'opt-in', replicas: 1, configuration: { from: 'own', texts: { config: withPolicyDisabled() } } },
]

function withPolicyDisabled(): string {
  const { config } = builtinConfiguration()
  return config.replace(/^policy: .*$/m, 'policy: disabled')
}

const PATIENCE_SECONDS = 60

/** Installs them as `proa install` does, with the manifests that a real cluster gets. */
export async function installInjectors(client: KubeClient, progress: Progress): Promise<void> {
  const all = await injectorConfigurations(client)
  const signal = AbortSignal.timeout(PATIENCE_SECONDS * 1000)
  await Promise.all(
    DEMONSTRATED.map(async (wanted) => {
      const options = fitToNeighbours(wanted, all, { becomesDefault: false })
      const silent: Progress = { done() {}, kept() {}, waiting() {}, notice: progress.notice }
      await install({
        client,
        flags: { wait: true, check: false, waitTimeout: PATIENCE_SECONDS, namespace: 'istio-system' },
        options,
        applying: applier(client, { dryRun: false, force: false }, silent),
        progress: silent,
        signal,
      })
      progress.done(`injector "${options.revision}" runs: ${replicas(options)}, its webhooks are trusted`)
    }),
  )
}

function replicas({ replicas: count = 1 }: InstallationOptions): string {
  return count === 1 ? '1 replica' : `${count} replicas`
}
