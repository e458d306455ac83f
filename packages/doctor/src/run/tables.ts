import { certificateTable } from '../certificates/table.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { namespaceTable } from '../mesh/namespace-table.ts'
import type { Report, Target } from '../report.ts'
import { findSubject } from '../subjects/subjects.ts'
import { workloadTrace } from '../subjects/trace.ts'

export type Tables = Pick<Report, 'trace' | 'namespaces' | 'certificates'>

/** What a report shows beside its findings. When single checks were asked for, nobody wants tables. */
export function tablesFor(cluster: Cluster, target: Target, onlyChecks: boolean): Tables {
  if (target.kind === 'workload') return traceOf(cluster, target)
  if (onlyChecks) return {}
  switch (target.kind) {
    case 'everything':
      return { namespaces: namespaceTable(cluster), certificates: certificateTable(cluster) }
    case 'webhooks':
      return { namespaces: namespaceTable(cluster) }
    case 'namespace':
      return { namespaces: namespaceTable(cluster).filter(({ name }) => name === target.name) }
    case 'certs':
      return { certificates: certificateTable(cluster) }
  }
}

function traceOf(cluster: Cluster, target: Extract<Target, { kind: 'workload' }>): Tables {
  const subject = findSubject(cluster, target.workload, target.namespace, target.name)
  return subject === undefined ? {} : { trace: workloadTrace(cluster, subject) }
}
