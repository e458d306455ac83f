import type { Kind } from '@proa/doctor'
import { getOwn, isObject, type JsonObject } from '@proa/kube'

/** What no check looks at, and there is much of: a snapshot of 5,000 Pods has to fit into memory twice. */
export function trimmed(kind: Kind, objects: readonly JsonObject[]): readonly JsonObject[] {
  if (kind === 'ReplicaSet') return objects.filter((object) => !isRetired(object))
  return kind === 'Node' ? objects.map(withoutImages) : objects
}

/** Kept by its Deployment for `kubectl rollout undo`: up to ten for each. */
function isRetired(replicaSet: JsonObject): boolean {
  const wanted = inside(replicaSet, 'spec', 'replicas')
  const present = inside(replicaSet, 'status', 'replicas')
  return wanted === 0 && (present === 0 || present === undefined)
}

/** Up to fifty names of each Node. */
function withoutImages(node: JsonObject): JsonObject {
  const status = getOwn(node, 'status')
  if (!isObject(status) || !Object.hasOwn(status, 'images')) return node
  const { images: _, ...rest } = status
  return { ...node, status: rest }
}

function inside(object: JsonObject, part: string, key: string): unknown {
  const found = getOwn(object, part)
  return isObject(found) ? getOwn(found, key) : undefined
}
