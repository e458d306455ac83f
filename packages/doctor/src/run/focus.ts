import type { Check } from '../check.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { ObjectName, Severity } from '../finding.ts'
import type { Target } from '../report.ts'
import { findSubject } from '../subjects/subjects.ts'
import { namespaceFocus, workloadFocus } from './focus-places.ts'

/** What of the findings belongs to the question. */
export interface Focus {
  /** Whether a check can have anything to say about it. */
  readonly check: (check: Check) => boolean
  readonly finding: (about: About) => boolean
  /** Whether the question is about this very object, so that also what needs no action is told. */
  readonly names: (object: ObjectName, check: Check) => boolean
  /** Undefined: all of them. */
  readonly namespace?: string
}

export interface About {
  readonly check: Check
  readonly object: ObjectName
  readonly severity: Severity
  readonly revision?: string
}

const EVERYTHING: Focus = { check: () => true, finding: () => true, names: () => false }

export function focusOn(cluster: Cluster, target: Target): Focus {
  switch (target.kind) {
    case 'everything':
      return EVERYTHING
    case 'webhooks':
      return {
        ...EVERYTHING,
        check: ({ category, scope }) =>
          category === 'reachability' || category === 'policy' || scope === 'cluster' || scope === 'revision',
        names: ({ kind }) => kind === 'MutatingWebhookConfiguration',
      }
    case 'certs':
      return { ...EVERYTHING, check: ({ category }) => category === 'certificates', names: () => true }
    case 'namespace':
      return namespaceFocus(cluster, target.name)
    case 'workload': {
      const subject = findSubject(cluster, target.workload, target.namespace, target.name)
      return subject === undefined ? { ...EVERYTHING, finding: () => false } : workloadFocus(cluster, subject)
    }
  }
}
