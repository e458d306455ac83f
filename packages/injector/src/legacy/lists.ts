import { isObject, type JsonObject } from '@proa/kube'
import { listOf, objectOf } from '../data/fields.ts'
import { withSpec } from '../pod/edit.ts'

/** The lists of a Pod that the template adds to; their items have names. */
export const ADDED_LISTS = ['initContainers', 'containers', 'volumes', 'imagePullSecrets'] as const
export type AddedList = (typeof ADDED_LISTS)[number]

export function itemsOf(pod: JsonObject, list: AddedList): readonly JsonObject[] {
  return listOf(objectOf(pod, 'spec'), list).filter(isObject)
}

export function mapList(
  pod: JsonObject,
  list: AddedList,
  change: (items: readonly JsonObject[]) => readonly JsonObject[],
): JsonObject {
  const before = itemsOf(pod, list)
  const after = change(before)
  // A list that was not there and stays empty is not written.
  return before.length === 0 && after.length === 0 ? pod : withSpec(pod, (spec) => ({ ...spec, [list]: after }))
}
