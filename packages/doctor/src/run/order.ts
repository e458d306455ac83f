import { CATEGORIES, type Finding, type ObjectName, type Severity } from '../finding.ts'

/** Worst first. */
export const SEVERITIES = ['error', 'warn', 'info'] as const satisfies readonly Severity[]

/** By category, severity, id and object. */
export function compareFindings(a: Finding, b: Finding): number {
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
