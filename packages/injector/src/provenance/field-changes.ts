import { deepEqual } from '@proa/kube'
import { movedItems } from './moved-items.ts'
import { isLeaf, type PodIndex, type PodNode } from './pod-index.ts'
import type { FieldChange } from './types.ts'

/** A field that is not as it was, or could have been another. */
export interface ChangedField {
  readonly change: FieldChange
  /** In the Pod after the change; before it where it was removed. */
  readonly node: PodNode
}

/**
 * The scalars (and empty lists and objects) in which two Pods differ, in the order of the second Pod; then what is gone;
 * then the items of lists that changed places. What became empty, or is not empty any more, is told by its fields.
 *
 * @param contested whether somebody would have changed a field that is as it was
 */
export function fieldChanges(
  before: PodIndex,
  after: PodIndex,
  contested: (node: PodNode) => boolean,
): readonly ChangedField[] {
  const found: ChangedField[] = []
  for (const node of after.values()) {
    if (!isLeaf(node)) continue
    const old = before.get(node.path)
    if (old === undefined) found.push({ change: 'added', node })
    else if (deepEqual(old.value, node.value)) {
      if (contested(node)) found.push({ change: 'kept', node })
    } else if (isLeaf(old) || !isEmptyContainer(node)) found.push({ change: 'changed', node })
  }
  for (const node of before.values()) {
    if (isLeaf(node) && !after.has(node.path)) found.push({ change: 'removed', node })
  }
  for (const node of movedItems(before, after)) found.push({ change: 'moved', node })
  return found
}

function isEmptyContainer({ value }: PodNode): boolean {
  return typeof value === 'object' && value !== null
}
