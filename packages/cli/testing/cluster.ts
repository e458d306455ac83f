import { createClient, type KubeClient, loadKubeConfig } from '@proa/kube-client'
import { type LocalCluster, startLocalCluster } from '@proa/local-cluster'
import { onTestFinished } from 'vitest'
import { injectorRunner } from '../src/local-cluster/injector-runner.ts'
import { type RunResult, type Workspace, workspace } from './workspace.ts'

/** A cluster for one test, and commands that are run against it. */
export interface TestCluster {
  readonly cluster: LocalCluster
  readonly client: KubeClient
  readonly folder: Workspace
  /** Runs `proa` with the cluster's kubeconfig. */
  proa(...args: readonly string[]): Promise<RunResult>
}

export interface TestClusterSettings {
  readonly files?: Readonly<Record<string, string>>
  /** Pods of the injector are processes that run from the sources. Else they are only marked as running. */
  readonly runsInjector?: boolean
}

export async function testCluster({
  files = {},
  runsInjector = false,
}: TestClusterSettings = {}): Promise<TestCluster> {
  const cluster = await startLocalCluster(runsInjector ? { runContainer: injectorRunner() } : {})
  onTestFinished(() => cluster.stop())
  const client = createClient(await loadKubeConfig({ text: cluster.kubeconfig, env: {} }))
  onTestFinished(() => client.close())
  const folder = workspace({ ...files, kubeconfig: cluster.kubeconfig })
  return {
    cluster,
    client,
    folder,
    proa: (...args) => folder.proa([...args, '--kubeconfig', 'kubeconfig'], { env: {} }),
  }
}
