import { afterAll, describe } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { describeDecisions } from './decisions.ts'
import { describeStart } from './start.ts'

/** The same tests for every cluster. They share one installation and run one after the other. */
export function describeCluster(cluster: Cluster): void {
  describe(`injection in ${cluster.title}`, () => {
    afterAll(() => cluster.stop(), 60_000)
    describeStart(cluster)
    describeDecisions(cluster)
  })
}
