/** The cluster that the documents' commands talk to: a local one for each document that needs it, with injectors that run. */
import { join } from 'node:path'
import { startLocalCluster } from '@proa/local-cluster'
import { onTestFinished } from 'vitest'
import { injectorRunner } from '../../packages/cli/src/local-cluster/injector-runner.ts'

/** Milliseconds. An injector that was deleted serves on for a while before it ends. */
const LONGEST_STOP = 60_000

/** Starts the cluster when it is first asked for; it goes when the test ends. */
export function clusterOnDemand(folder: string): () => Promise<string> {
  let kubeconfig: Promise<string> | undefined
  const start = async (): Promise<string> => {
    const file = join(folder, 'kubeconfig')
    const cluster = await startLocalCluster({ runContainer: injectorRunner(), kubeconfig: file })
    onTestFinished(() => cluster.stop(), LONGEST_STOP)
    return file
  }
  return () => {
    kubeconfig ??= start()
    return kubeconfig
  }
}
