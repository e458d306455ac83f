import type { StatusError } from '@proa/kube-client'
import { listAt, textAt } from './objects.ts'

/** A field that somebody else wrote. */
export interface FieldConflict {
  /** `.spec.replicas` */
  readonly field: string
  /** `kubectl-edit` */
  readonly owner: string
}

/** Who owns which field, of an answer to server-side apply. Empty when it is another kind of conflict. */
export function fieldConflicts(error: StatusError): FieldConflict[] {
  return listAt(error.status, 'details', 'causes')
    .filter((cause) => textAt(cause, 'reason') === 'FieldManagerConflict')
    .map((cause) => ({
      field: textAt(cause, 'field'),
      owner: /conflict with "([^"]*)"/.exec(textAt(cause, 'message'))?.[1] ?? 'somebody else',
    }))
}

/** `.spec.replicas is owned by "kubectl-edit"`, several of an owner together. */
export function describeConflicts(conflicts: readonly FieldConflict[]): string {
  const owners = Map.groupBy(conflicts, ({ owner }) => owner)
  return [...owners]
    .map(
      ([owner, fields]) =>
        `${fields.map(({ field }) => field).join(', ')} ${fields.length === 1 ? 'is' : 'are'} owned by "${owner}"`,
    )
    .join('; ')
}
