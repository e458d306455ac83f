import type { Kind } from '@proa/doctor'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { part, text } from './shapes.ts'

/**
 * An object without what no check looks at, and there is much of; undefined for one of no interest. A snapshot of 5,000
 * Pods has to fit into memory.
 */
export function trimmed(kind: Kind, object: JsonObject): JsonObject | undefined {
  if (kind === 'ReplicaSet' && isRetired(object)) return undefined
  const known = kind === 'Node' ? withoutImages(object) : object
  return withoutStatusFields(known)
}

/** Kept by its Deployment for `kubectl rollout undo`: up to ten for each. */
function isRetired(replicaSet: JsonObject): boolean {
  const present = part(replicaSet, 'status').replicas
  return part(replicaSet, 'spec').replicas === 0 && (present === 0 || present === undefined)
}

/** Up to fifty names of each Node. */
function withoutImages(node: JsonObject): JsonObject {
  const { images: _, ...rest } = part(node, 'status')
  return { ...node, status: rest }
}

/** Who wrote which field of a status: half of a Pod's managedFields. That they wrote it, and when, stays. */
function withoutStatusFields(object: JsonObject): JsonObject {
  const metadata = part(object, 'metadata')
  const managed = getOwn(metadata, 'managedFields')
  if (!isArray(managed)) return object
  return { ...object, metadata: { ...metadata, managedFields: managed.map(withoutFields) } }
}

function withoutFields(entry: Json): Json {
  if (!isObject(entry) || text(entry, 'subresource') !== 'status') return entry
  const { fieldsV1: _, ...rest } = entry
  return rest
}
