import type { InjectionResult } from '@proa/injector'
import type { Cluster } from '../../cluster/cluster.ts'
import { renderedOf } from '../../subjects/rendered.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'

/**
 * The injection of a workload that should be injected and has no injected Pod: with the others it has been seen to work, and rendering
 * thousands of Pods again takes seconds.
 */
export function newlyRendered(cluster: Cluster, subject: Subject): InjectionResult | undefined {
  const { expected, webhooks } = verdictOf(cluster, subject)
  if (expected !== 'injected' || webhooks.outcome !== 'one') return undefined
  if (livePods(subject).some((pod) => sidecarOf(pod).kind === 'injected')) return undefined
  return renderedOf(cluster, subject)
}
