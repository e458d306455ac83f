import type { Finding } from '../../finding.ts'
import { objectTitle } from '../../naming.ts'
import type { Report } from '../../report.ts'
import { headed } from '../words.ts'
import { certificatesLines } from './certificates.ts'
import { findingsLines, foldedLines } from './findings.ts'
import { namespacesLines } from './namespaces.ts'
import { notEvaluatedLines } from './not-evaluated.ts'
import { type ReportTextOptions, type Style, styleOf } from './options.ts'
import { traceLines } from './trace.ts'

/** The check that says in a finding what the trace says in full. */
const VERDICT = 'INJ100'

/** The report for people. Names in it were written by others: a terminal needs control characters made visible. */
export function renderReportText(report: Report, options: ReportTextOptions = {}): string {
  const style = styleOf(options)
  const { absent, trace, namespaces = [], certificates = [], notEvaluated } = report
  // Whoever asks about a whole cluster wants what to act on; a question about one thing is answered with all there is.
  const folds = report.target.kind === 'everything'
  const isShown = ({ id, severity }: Finding): boolean =>
    severity !== 'info' || style.verbose || (!folds && !(id === VERDICT && trace !== undefined))
  const shown = report.findings.filter(isShown)
  const folded = report.findings.filter((one) => !isShown(one))
  return `${[
    ...(absent === undefined ? [] : absentLines(absent, style)),
    ...(trace === undefined ? [] : traceLines(trace, style)),
    ...findingsLines(shown, style),
    ...foldedLines(folded, style),
    ...namespacesLines(namespaces, style),
    ...certificatesLines(certificates, style),
    ...notEvaluatedLines(notEvaluated, style),
    summaryLine(report, style),
  ].join('\n')}\n`
}

function absentLines({ reason, similar }: NonNullable<Report['absent']>, { say, words, paint }: Style) {
  const meant = words.list(similar.map(objectTitle))
  return [paint.error(say(reason)), ...(meant === '' ? [] : [`  ${headed(words.didYouMean, meant)}`]), '']
}

/** The last line alone. */
export function renderSummary(report: Report, options: ReportTextOptions = {}): string {
  return `${summaryLine(report, styleOf(options))}\n`
}

/** `2 errors, 1 warning · 80 of 89 checks evaluated · exit code 2` */
export function summaryLine(
  { findings, checks, evaluated, exitCode, absent }: Report,
  { words, paint }: Style,
): string {
  const count = (wanted: string): number => findings.filter(({ severity }) => severity === wanted).length
  const [errors, warnings, notes] = [count('error'), count('warn'), count('info')]
  const counts = [
    ...(errors === 0 ? [] : [paint.error(words.errors(errors))]),
    ...(warnings === 0 ? [] : [paint.warn(words.warnings(warnings))]),
    ...(notes === 0 ? [] : [words.notes(notes)]),
  ]
  const parts = [
    ...(counts.length > 0
      ? [words.list(counts)]
      : absent === undefined && evaluated > 0
        ? [paint.good(words.fine)]
        : []),
    words.evaluated(evaluated, checks.length),
    words.exitCode(exitCode),
  ]
  return parts.join(' · ')
}
