import { afterAll, describe } from 'vitest'
import type { Cluster } from '../harness/cluster.ts'
import { describeConfiguration } from './configuration.ts'
import { describeDecisions } from './decisions.ts'
import { describeEnd } from './end.ts'
import { describeReplicas } from './replicas.ts'
import { describeResults } from './results.ts'
import { describeStart } from './start.ts'
import { describeTags } from './tags.ts'
import { describeTrust } from './trust.ts'

/** The same tests for every cluster. They share one installation and run one after the other. */
export function describeCluster(cluster: Cluster): void {
  describe(`injection in ${cluster.title}`, () => {
    afterAll(() => cluster.stop(), 60_000)
    describeStart(cluster)
    describeDecisions(cluster)
    describeResults(cluster)
    describeConfiguration(cluster)
    describeTrust(cluster)
    describeTags(cluster)
    describeReplicas(cluster)
    describeEnd(cluster)
  })
}
