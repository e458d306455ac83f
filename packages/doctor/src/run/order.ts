import { CATEGORIES, type Category, type Finding, type ObjectName, type Severity } from '../finding.ts'

/** Worst first. */
export const SEVERITIES = ['error', 'warn', 'info'] as const satisfies readonly Severity[]

/** Grouped by category, the category of the worst finding first; within it by severity, id and object. */
export function inOrder(findings: readonly Finding[]): readonly Finding[] {
  const rank = (severity: Severity): number => SEVERITIES.indexOf(severity)
  const worst = new Map<Category, number>()
  for (const { category, severity } of findings) {
    worst.set(category, Math.min(worst.get(category) ?? SEVERITIES.length, rank(severity)))
  }
  return findings.toSorted(
    (a, b) => (worst.get(a.category) ?? 0) - (worst.get(b.category) ?? 0) || compareFindings(a, b),
  )
}

function compareFindings(a: Finding, b: Finding): number {
  return (
    CATEGORIES.indexOf(a.category) - CATEGORIES.indexOf(b.category) ||
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareText(a.id, b.id) ||
    compareText(a.object.namespace ?? '', b.object.namespace ?? '') ||
    compareText(a.object.kind, b.object.kind) ||
    compareText(a.object.name, b.object.name)
  )
}

/** By code units, so that the order is the same everywhere. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

/** Equal for the same object. Versions of its API do not count. */
export function objectKey({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace ?? ''}/${name}`
}
