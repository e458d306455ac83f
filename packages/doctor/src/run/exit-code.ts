import type { Severity } from '../finding.ts'
import type { DoctorExitCode } from '../report.ts'
import type { SnapshotSource, UnreadReason } from '../snapshot/types.ts'

/** What the exit code depends on, and nothing else. */
export interface Outcome {
  readonly severities: readonly Severity[]
  readonly strict: boolean
  /** The object that was asked about is not there. */
  readonly targetAbsent: boolean
  /** At least one check could look at something. */
  readonly anythingEvaluated: boolean
  readonly source: SnapshotSource['kind']
  readonly gaps: readonly Gap[]
}

/** A check that could not look at everything that it needs. */
export interface Gap {
  readonly severity: Severity
  /** `--check` named it. */
  readonly named: boolean
  /** The check itself failed. */
  readonly failed: boolean
  readonly reasons: readonly UnreadReason[]
}

/** Reasons for which the objects may well be there, and wrong. */
const HIDDEN: ReadonlySet<UnreadReason> = new Set(['forbidden', 'timeout', 'unreachable', 'error'])

/**
 * 2 when there is an error; else 3 when something that was asked for could not be evaluated; else 1 when strict and there is
 * a warning; else 0. Asked for is the target, each check that was named, and, on a live cluster, every check of severity error.
 */
export function exitCodeOf(outcome: Outcome): DoctorExitCode {
  if (outcome.severities.includes('error')) return 2
  if (outcome.targetAbsent || !outcome.anythingEvaluated || outcome.gaps.some((gap) => matters(gap, outcome))) return 3
  return outcome.strict && outcome.severities.includes('warn') ? 1 : 0
}

function matters({ severity, named, failed, reasons }: Gap, { source }: Outcome): boolean {
  if (named) return true
  if (severity !== 'error') return false
  return failed || (source === 'cluster' && reasons.some((reason) => HIDDEN.has(reason)))
}
