import type { Cluster } from '../cluster/cluster.ts'
import type { Report, Target } from '../report.ts'

/** What a report shows beside its findings. When single checks were asked for, nobody wants tables. */
export function tablesFor(
  _cluster: Cluster,
  _target: Target,
  _onlyChecks: boolean,
): Pick<Report, 'trace' | 'namespaces' | 'certificates'> {
  return {}
}
