import type { JsonObject } from '@proa/kube'
import type { Admission } from '../admission/types.ts'
import type { TokenSigner } from '../authentication/token.ts'
import type { Authorizer } from '../authorization/types.ts'
import type { ResourceDefinition } from '../resources/definition.ts'
import type { Registry } from '../resources/registry.ts'
import type { Store, StoreKey } from '../store/store.ts'
import type { ApiUser } from './types.ts'

/** What is known of an object before it is stored: defaults, and whether it may be stored as it is. */
export interface ObjectRules {
  defaults(type: ResourceDefinition, object: JsonObject, before: JsonObject | undefined): JsonObject
  /** Throws ApiError (422) in the API server's words. */
  validate(type: ResourceDefinition, object: JsonObject, before: JsonObject | undefined, subresource: string): void
}

/** Who owns which field. */
export interface FieldOwnership {
  /** After a create, an update or a patch: `metadata.managedFields` of the object that will be stored. */
  track(written: Written): JsonObject
  /** Server-side apply. Throws ApiError on a conflict. */
  apply(request: ApplyRequest): JsonObject
}

export interface Written {
  readonly type: ResourceDefinition
  readonly subresource: string
  readonly before: JsonObject | undefined
  readonly after: JsonObject
  readonly manager: string
  /** RFC 3339 */
  readonly time: string
}

export interface ApplyRequest {
  readonly type: ResourceDefinition
  readonly subresource: string
  readonly live: JsonObject | undefined
  readonly applied: JsonObject
  readonly manager: string
  readonly force: boolean
  readonly time: string
}

/** All that the verbs need. */
export interface Backend {
  readonly store: Store
  readonly registry: Registry
  readonly rules: ObjectRules
  readonly ownership: FieldOwnership
  readonly admit: Admission
  readonly tokens: TokenSigner
  readonly authorizer: Authorizer
  /** What containers wrote. */
  readonly logs: LogSource
  /** Milliseconds since 1970. */
  readonly now: () => number
  /** A new UUID. */
  readonly uid: () => string
  /** From 0 to 1. */
  readonly random: () => number
}

export interface LogQuery {
  readonly container: string
  readonly follow: boolean
  readonly tailLines: number | undefined
  /** Milliseconds since 1970. */
  readonly since: number | undefined
  /** The whole line gets its time in front. */
  readonly timestamps: boolean
}

/** The lines of a container, each without its newline. Ends at the end of the log, or with `follow` when the container does. */
export type LogSource = (pod: JsonObject, query: LogQuery, signal: AbortSignal) => AsyncIterable<string>

/** One request for one resource, decoded. */
export interface Call {
  readonly type: ResourceDefinition
  /** `''` for cluster-scoped resources, and for all namespaces. */
  readonly namespace: string
  /** `''` for collections. */
  readonly name: string
  readonly subresource: string
  readonly user: ApiUser
  readonly dryRun: boolean
  /** Milliseconds that the client gives the request. */
  readonly timeout?: number
  /** Of the query, or what the client calls itself. */
  readonly fieldManager: string
  /** The object is replaced as a whole. */
  readonly conditional?: boolean
  /** managedFields of the object are already what they have to be: server-side apply. */
  readonly tracked?: boolean
  /** For a `Warning:` header. */
  readonly warn: (text: string) => void
}

export function storeKey(call: Pick<Call, 'type' | 'namespace' | 'name'>): StoreKey {
  return { bucket: call.type.bucket, namespace: call.namespace, name: call.name }
}

export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`
}
