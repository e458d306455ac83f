import type { Check } from '../check.ts'
import { CHECKS } from '../checks/catalogue.ts'
import { type Cluster, clusterOf } from '../cluster/cluster.ts'
import type { CheckId, Finding, NotEvaluatedCheck } from '../finding.ts'
import type { AbsentTarget, Report, Target } from '../report.ts'
import type { Snapshot } from '../snapshot/types.ts'
import { absentTarget } from './absent.ts'
import { type Evaluation, evaluate, findingOf } from './evaluate.ts'
import { exitCodeOf } from './exit-code.ts'
import { type Focus, focusOn } from './focus.ts'
import { inOrder } from './order.ts'
import { tablesFor } from './tables.ts'

export interface DiagnoseOptions {
  /** Default: everything. */
  readonly target?: Target
  /** Only these checks, and also what they find that needs no action. */
  readonly checks?: readonly CheckId[]
  /** Without what is found about other revisions than this one. */
  readonly revision?: string
  /** Warnings count. Default false. */
  readonly strict?: boolean
  /** Instead of the catalogue. */
  readonly catalogue?: readonly Check[]
  /** For tests: a check that throws ends the diagnosis. Default: it is reported as not evaluated. */
  readonly rethrow?: boolean
}

/** Runs the checks over a snapshot. Pure: the same snapshot gives the same report. */
export function diagnose(snapshot: Snapshot, options: DiagnoseOptions = {}): Report {
  const cluster = clusterOf(snapshot)
  const { target = { kind: 'everything' } } = options
  const asked = askedChecks(options)
  const absent = absentTarget(cluster, target)
  if (absent !== undefined) return absentReport(target, absent, asked)
  const focus = focusOn(cluster, target)
  const checks = asked.filter(focus.check)
  const evaluations = checks.map((check) => relevantGaps(evaluate(cluster, check, options.rethrow === true), focus))
  const findings = inOrder(evaluations.flatMap((one) => findingsOf(one, focus, options)))
  return {
    target,
    checks: checks.map(({ id }) => id),
    findings,
    notEvaluated: evaluations.flatMap(({ notEvaluated }) => notEvaluated),
    evaluated: evaluations.filter(({ notEvaluated }) => notEvaluated.length === 0).length,
    exitCode: codeOf(cluster, findings, evaluations, options),
    ...tablesFor(cluster, target, options.checks !== undefined),
  }
}

function askedChecks({ checks, catalogue = CHECKS }: DiagnoseOptions): readonly Check[] {
  if (checks === undefined) return catalogue
  const wanted = new Set(checks)
  return catalogue.filter(({ id }) => wanted.has(id))
}

function absentReport(target: Target, absent: AbsentTarget, asked: readonly Check[]): Report {
  const checks = asked.map(({ id }) => id)
  return { target, absent, checks, findings: [], notEvaluated: [], evaluated: 0, exitCode: 3 }
}

/** Without what could not be looked at elsewhere. */
function relevantGaps(evaluation: Evaluation, focus: Focus): Evaluation {
  const { check } = evaluation
  const isRelevant = ({ object, missing }: NotEvaluatedCheck): boolean =>
    (object === undefined || focus.finding({ check, object, severity: check.severity })) &&
    (missing.length === 0 ||
      focus.namespace === undefined ||
      missing.some(({ namespace }) => namespace === undefined || namespace === focus.namespace))
  return { ...evaluation, notEvaluated: evaluation.notEvaluated.filter(isRelevant) }
}

function findingsOf(
  { check, found }: Evaluation,
  focus: Focus,
  { checks, revision: only }: DiagnoseOptions,
): readonly Finding[] {
  return found.flatMap((one) => {
    const { object, revision, routine } = one
    if (only !== undefined && revision !== undefined && revision !== only) return []
    if (routine === true && checks === undefined && !focus.names(object, check)) return []
    const finding = findingOf(check, one)
    const about = { check, object, severity: finding.severity, ...(revision === undefined ? {} : { revision }) }
    return focus.finding(about) ? [finding] : []
  })
}

function codeOf(
  { snapshot }: Cluster,
  findings: readonly Finding[],
  evaluations: readonly Evaluation[],
  { strict, checks }: DiagnoseOptions,
): Report['exitCode'] {
  return exitCodeOf({
    severities: findings.map(({ severity }) => severity),
    strict: strict === true,
    targetAbsent: false,
    anythingEvaluated: evaluations.some(({ ran }) => ran),
    source: snapshot.source.kind,
    gaps: evaluations.flatMap(({ check, failed, notEvaluated }) =>
      notEvaluated.map(({ missing }) => ({
        severity: check.severity,
        named: checks !== undefined,
        failed,
        reasons: missing.map(({ reason }) => reason),
      })),
    ),
  })
}
