/** The API server's words for fields that others own. */
import { type FieldPath, printFieldPath } from './field-set.ts'
import { type ManagerEntry, managerKey } from './managed-fields.ts'
import { compareText } from './path-element.ts'

/** A field that somebody else owns with another value. */
export interface ApplyConflict {
  readonly owner: ManagerEntry
  readonly path: FieldPath
}

/** One cause of the `Status` that answers (`reason: FieldManagerConflict`). */
export interface ConflictCause {
  readonly reason: 'FieldManagerConflict'
  readonly message: string
  /** `.spec.template.spec.containers[name="app"].image` */
  readonly field: string
}

export function conflictCauses(conflicts: readonly ApplyConflict[]): ConflictCause[] {
  return conflicts.map(({ owner, path }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${printOwner(owner)}`,
    field: printFieldPath(path),
  }))
}

export function conflictMessage(conflicts: readonly ApplyConflict[]): string {
  const [first] = conflicts
  if (first !== undefined && conflicts.length === 1) {
    return `Apply failed with 1 conflict: conflict with ${printOwner(first.owner)}: ${printFieldPath(first.path)}`
  }
  const owners = new Map<string, ApplyConflict[]>()
  for (const conflict of conflicts) {
    const key = managerKey(conflict.owner)
    owners.set(key, [...(owners.get(key) ?? []), conflict])
  }
  const lines = [...owners]
    .sort(([, [a]], [, [b]]) => compareText(a?.owner.manager ?? '', b?.owner.manager ?? ''))
    .flatMap(([, list]) => {
      const owner = list[0]?.owner
      const paths = list.map(({ path }) => `- ${printFieldPath(path)}`)
      return owner === undefined ? [] : [`conflicts with ${printOwner(owner)}:`, ...paths]
    })
  return `Apply failed with ${conflicts.length} conflicts: ${lines.join('\n')}`
}

function printOwner({ manager, operation, apiVersion, subresource }: ManagerEntry): string {
  const below = subresource === '' ? '' : ` with subresource ${JSON.stringify(subresource)}`
  return `${JSON.stringify(manager)}${below}${operation === 'Update' ? ` using ${apiVersion}` : ''}`
}
