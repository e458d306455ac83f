import type { JsonObject } from '@proa/kube'
import { apiVersionOf, type ResourceDefinition } from '../resources/definition.ts'

/** What is kept, as the version of the request shows it. */
export function served(type: ResourceDefinition, kept: JsonObject): JsonObject {
  if (type.convert !== undefined) return type.convert.toServed(kept)
  const apiVersion = apiVersionOf(type)
  if (kept.apiVersion === apiVersion && kept.kind === type.kind) return kept
  return { ...kept, apiVersion, kind: type.kind }
}

export function kept(type: ResourceDefinition, object: JsonObject): JsonObject {
  return type.convert === undefined ? object : type.convert.toKept(object)
}
