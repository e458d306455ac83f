import { startLocal } from './harness/local.ts'
import { describeCluster } from './suite/index.ts'

describeCluster(await startLocal())
