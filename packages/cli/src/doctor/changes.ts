import type { Change, CheckId, Finding, Text } from '@proa/doctor'

/** A change that somebody is asked about once, however many findings propose it. */
export interface PlannedChange {
  readonly change: Change
  readonly ids: readonly CheckId[]
}

/** Notes tell what can be had as well, with nothing wrong: that is for those who ask for their checks by name. */
export function toRepair(
  findings: readonly Finding[],
  { check }: { readonly check?: readonly string[] },
): readonly Finding[] {
  return check === undefined ? findings.filter(({ severity }) => severity !== 'info') : findings
}

/** The changes of all findings in the order of the report. */
export function planChanges(findings: readonly Finding[]): readonly PlannedChange[] {
  const planned = new Map<string, { readonly change: Change; readonly ids: Set<CheckId> }>()
  for (const { id, fix } of findings) {
    for (const change of fix?.changes ?? []) {
      const key = canonical(change)
      const known = planned.get(key)
      if (known === undefined) planned.set(key, { change, ids: new Set([id]) })
      else known.ids.add(id)
    }
  }
  return [...planned.values()].map(({ change, ids }) => ({ change, ids: [...ids] }))
}

/** What only a person can do, and whether: the findings with commands that no other one has before. */
export function manualSteps(findings: readonly Finding[]): readonly ManualStep[] {
  const seen = new Set<string>()
  return findings.flatMap(({ id, object, fix }) => {
    if (fix === undefined || fix.changes.length > 0) return []
    const commands = fix.commands.filter((command) => !seen.has(command))
    for (const command of commands) seen.add(command)
    return commands.length === 0 ? [] : [{ id, object, text: fix.text, commands }]
  })
}

export interface ManualStep {
  readonly id: CheckId
  readonly object: Finding['object']
  readonly text: Text
  readonly commands: readonly string[]
}

/** Equal for equal values, whatever the order of their keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  )
}
