import { it, type TestFunction } from 'vitest'
import type { Capability, Cluster } from '../harness/cluster.ts'

/** A test of a cluster that can do this; of another it is skipped, and its title says why. */
export function itNeeds(cluster: Cluster, capability: Capability) {
  const reason = cluster.lacks[capability]
  return (title: string, run: TestFunction): void => {
    if (reason === undefined) it(title, run)
    else it.skip(`${title} (skipped: this cluster ${reason})`, run)
  }
}
