import type { Check } from '../check.ts'
import type { Cluster } from '../cluster/cluster.ts'
import type { CheckOutcome, Finding, Found, NotEvaluated, NotEvaluatedCheck } from '../finding.ts'
import { docsLink } from './docs-link.ts'
import { missingEntry, unreadEverywhere, unreadInNamespaces } from './missing.ts'

/** What one check says of a cluster. */
export interface Evaluation {
  readonly check: Check
  /** False when it could not look at anything. */
  readonly ran: boolean
  /** It threw: a fault of ours, so that nothing is known. */
  readonly failed: boolean
  readonly found: readonly Found[]
  readonly notEvaluated: readonly NotEvaluatedCheck[]
}

/** @param rethrow for tests: a check that throws is a fault, and should be seen. */
export function evaluate(cluster: Cluster, check: Check, rethrow: boolean): Evaluation {
  const nothing = unreadEverywhere(cluster, check)
  if (nothing.length > 0) return notRun(check, missingEntry(cluster, check, nothing))
  let outcomes: readonly CheckOutcome[]
  try {
    outcomes = check.run(cluster)
  } catch (error) {
    if (rethrow) throw error
    return { ...notRun(check, failure(check, error)), failed: true }
  }
  const partly = unreadInNamespaces(cluster, check)
  return {
    check,
    ran: true,
    failed: false,
    found: outcomes.filter((one) => one.outcome === 'found'),
    notEvaluated: [
      ...(partly.length > 0 ? [missingEntry(cluster, check, partly)] : []),
      ...outcomes.filter((one) => one.outcome === 'not-evaluated').map((one) => ownEntry(check, one)),
    ],
  }
}

function notRun(check: Check, entry: NotEvaluatedCheck): Evaluation {
  return { check, ran: false, failed: false, found: [], notEvaluated: [entry] }
}

function failure({ id }: Check, error: unknown): NotEvaluatedCheck {
  const message = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return {
    id,
    reason: { en: `a fault of proa, please report it: ${message}`, zh: `proa 自身出错，请报告：${message}` },
    missing: [],
  }
}

function ownEntry({ id }: Check, { object, reason }: NotEvaluated): NotEvaluatedCheck {
  return { id, ...(object === undefined ? {} : { object }), reason, missing: [] }
}

/** A finding as it is reported. */
export function findingOf({ id, severity, category }: Check, found: Found): Finding {
  const { outcome: _, routine: __, severity: own, ...rest } = found
  return { id, severity: own ?? severity, category, ...rest, docs: docsLink(id) }
}
