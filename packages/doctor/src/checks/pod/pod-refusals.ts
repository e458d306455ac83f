import { type Cluster, remembered } from '../../cluster/cluster.ts'
import { type CreationFailure, creationFailures, type MessageCode, type Sighting } from '../../messages/index.ts'
import { timeAt } from '../../reading.ts'
import { findSubject, livePods, type Subject } from '../../subjects/subjects.ts'

/** Who said no to a Pod for what it may do. */
export type SecurityCode = 'pod-security' | 'pod-security-policy' | 'security-context-constraints' | 'denied-by-policy'

const CODES: ReadonlySet<MessageCode> = new Set<MessageCode>([
  'pod-security',
  'pod-security-policy',
  'security-context-constraints',
  'denied-by-policy',
])

export interface Refusal {
  readonly code: SecurityCode
  readonly failure: CreationFailure
  readonly sighting: Sighting
}

/** The newest refusal of each subject's Pods, of those that no Pod created since has overcome. */
export const securityRefusals: (cluster: Cluster) => ReadonlyMap<Subject, Refusal> = remembered((cluster) => {
  const found = new Map<Subject, Refusal>()
  for (const failure of creationFailures(cluster)) {
    const { code } = failure.classification
    if (!isSecurity(code)) continue
    for (const sighting of failure.sightings) {
      const { kind, namespace = '', name } = sighting.object
      const subject = findSubject(cluster, kind, namespace, name)
      if (subject !== undefined && !found.has(subject) && isCurrent(subject, sighting)) {
        found.set(subject, { code, failure, sighting })
      }
    }
  }
  return found
})

const isSecurity = (code: MessageCode): code is SecurityCode => CODES.has(code)

function isCurrent(subject: Subject, { source, lastSeen }: Sighting): boolean {
  if (source !== 'event' || lastSeen === undefined) return true
  return !livePods(subject).some((pod) => (timeAt(pod, 'metadata', 'creationTimestamp') ?? 0) > lastSeen)
}
