import type { JsonObject } from '@proa/kube'
import type { ResourceType } from '../../api/types.ts'
import type { ClusterFacts, ControllerTools, Kind } from '../controller.ts'
import { namespaceOf, textAt, uidOf } from '../fields.ts'
import { kindOf } from '../namespaces/deletion.ts'

/** Deleted objects that are remembered, for owners whose kind went with them. */
const MOST_GONE = 10_000

/** Finds the owners that objects name. */
export interface OwnerLookup {
  find(object: JsonObject, reference: JsonObject): JsonObject | undefined
  /** An owner of a kind that is not served cannot be looked for: as long as nobody saw it go, it counts as there. */
  isAlive(reference: JsonObject, found: JsonObject | undefined): boolean
  noteGone(uid: string): void
}

export function ownerLookup(tools: ControllerTools, facts: ClusterFacts): OwnerLookup {
  const gone = new Set<string>()
  const typeOf = (reference: JsonObject): ResourceType | undefined =>
    facts
      .resources()
      .find((type) => type.kind === reference.kind && kindOf(type).apiVersion === textAt(reference, 'apiVersion'))
  return {
    find(object, reference) {
      const type = typeOf(reference)
      if (type === undefined) return undefined
      const namespace = type.namespaced ? namespaceOf(object) : ''
      const found = findServed(tools, { ...kindOf(type), name: textAt(reference, 'name'), namespace })
      return found !== undefined && uidOf(found) === textAt(reference, 'uid') ? found : undefined
    },
    isAlive: (reference, found) =>
      found !== undefined || (typeOf(reference) === undefined && !gone.has(textAt(reference, 'uid'))),
    noteGone(uid) {
      gone.add(uid)
      const [oldest] = gone
      if (gone.size > MOST_GONE && oldest !== undefined) gone.delete(oldest)
    },
  }
}

/** The object; undefined also when its kind is not served. */
export function findServed(
  tools: ControllerTools,
  key: Kind & { readonly name: string; readonly namespace: string },
): JsonObject | undefined {
  try {
    return tools.api.find(key)
  } catch {
    // A kind that is not served: its objects are not there.
    return undefined
  }
}
