import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { byHand, otherRevision, removedSidecar, staticPod } from './difference/pod-facts.ts'
import type { Difference } from './difference/types.ts'
import { whyNaked } from './difference/why-naked.ts'
import { whyStillInjected } from './difference/why-still-injected.ts'
import { sidecarOf } from './sidecar.ts'
import { livePods, type Subject } from './subjects.ts'
import { verdictOf } from './verdict.ts'

export type { Difference, OlderThan } from './difference/types.ts'

const known: (cluster: Cluster) => Map<Subject, readonly Difference[]> = remembered(() => new Map())

/**
 * Why the Pods that there are differ from what would happen to a new Pod of the subject. One entry per cause, the newest Pods'
 * first; none where they agree, and where it is not known what would happen.
 */
export function differencesOf(cluster: Cluster, subject: Subject): readonly Difference[] {
  const found = known(cluster).get(subject)
  if (found !== undefined) return found
  const fresh = grouped(livePods(subject).flatMap((pod) => differenceOf(cluster, subject, pod) ?? []))
  known(cluster).set(subject, fresh)
  return fresh
}

function differenceOf(cluster: Cluster, subject: Subject, pod: JsonObject): Difference | undefined {
  const verdict = verdictOf(cluster, subject)
  const { kind } = sidecarOf(pod)
  switch (verdict.expected) {
    case 'injected':
      if (kind === 'marked') return removedSidecar(cluster, subject, pod)
      if (kind === 'none') return staticPod(pod) ?? whyNaked(cluster, { subject, pod, verdict })
      return otherRevision(verdict, pod)
    case 'not-injected':
      if (kind === 'none' || kind === 'marked') return undefined
      return byHand(subject, pod) ?? whyStillInjected(cluster, { subject, pod, verdict })
    // What would happen is not known, or nothing would: there is nothing to compare with.
    case 'refused':
    case 'unknown':
      return undefined
  }
}

/** Replicas differ for the same cause: the newest one stands for all. */
function grouped(all: readonly Difference[]): readonly Difference[] {
  const groups = Map.groupBy(all, (one) => (one.kind === 'older' ? `older ${one.than}` : one.kind))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [{ ...first, pods: group.flatMap(({ pods }) => pods) }]
  })
}
