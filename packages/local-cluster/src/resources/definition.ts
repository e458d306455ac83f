import type { JsonObject } from '@proa/kube'
import type { ResourceType } from '../api/types.ts'

/** A resource with what the server needs to serve it. */
export interface ResourceDefinition extends ResourceType {
  /** Verbs that it answers to. Most answer to all; a TokenReview can only be created. */
  readonly verbs: readonly string[]
  /** Where its objects are kept. Events of both groups are kept in one place. */
  readonly bucket: string
  /** Name of the type in the schema of kinds; undefined for custom resources. */
  readonly struct: string | undefined
  /** Fields that a field selector may name, beside metadata.name and metadata.namespace. */
  readonly selectableFields: Readonly<Record<string, (object: JsonObject) => string>>
  /** Whether metadata.generation counts the changes of the spec. */
  readonly generations: boolean
  /** From what is kept to what is served in this version, and back. Undefined: the same but for apiVersion and kind. */
  readonly convert?: {
    readonly toServed: (kept: JsonObject) => JsonObject
    readonly toKept: (served: JsonObject) => JsonObject
  }
  /** The CustomResourceDefinition's version, for custom resources. */
  readonly custom?: CustomVersion
}

export interface CustomVersion {
  /** OpenAPI schema, or undefined when everything is preserved. */
  readonly schema: JsonObject | undefined
  readonly status: boolean
  readonly columns: readonly JsonObject[]
  /** Where the replicas are, when it can be scaled. */
  readonly scale?: JsonObject
}

/** `apps/v1`, `v1` */
export function apiVersionOf({ group, version }: { readonly group: string; readonly version: string }): string {
  return group === '' ? version : `${group}/${version}`
}

export const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'] as const
