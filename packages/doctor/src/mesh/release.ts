import { CURRENT_MINOR } from '@proa/injector'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import type { Verdict } from '../subjects/verdict.ts'
import { revisions } from './revisions.ts'

/** The minor releases of the control planes whose configuration is known. */
const knownMinors = remembered((cluster) => [
  ...new Set(
    revisions(cluster).flatMap(({ configuration }) =>
      configuration.kind === 'loaded' ? [configuration.configuration.decision.release.minor] : [],
    ),
  ),
])

/**
 * By which releases' rules a Pod is judged: that of the injector that is called, else those of all control planes, else the
 * newest one that is known.
 */
export function minorsFor(cluster: Cluster, { configuration }: Pick<Verdict, 'configuration'>): readonly number[] {
  if (configuration !== undefined) return [configuration.decision.release.minor]
  const known = knownMinors(cluster)
  return known.length === 0 ? [CURRENT_MINOR] : known
}

/** One of them, the oldest, whose rules are the strangest. */
export function minorFor(cluster: Cluster, verdict: Pick<Verdict, 'configuration'>): number {
  return Math.min(...minorsFor(cluster, verdict))
}
