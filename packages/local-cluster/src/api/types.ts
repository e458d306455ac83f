import type { JsonObject } from '@proa/kube'

export interface ApiUser {
  readonly username: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** One resource of the API: what discovery says of it. */
export interface ResourceType {
  readonly group: string
  readonly version: string
  /** Plural: `deployments`. */
  readonly resource: string
  readonly singular: string
  readonly kind: string
  readonly namespaced: boolean
  readonly shortNames: readonly string[]
  readonly categories: readonly string[]
  /** `status`, `scale`, `token` … */
  readonly subresources: readonly string[]
  /** When they are not the usual ones (discovery/subresources.ts knows those of reviews and Namespaces). */
  readonly verbs?: readonly string[]
}

export interface WriteOptions {
  readonly dryRun?: boolean
  readonly fieldManager?: string
  readonly subresource?: string
}

export interface DeleteOptions {
  readonly dryRun?: boolean
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  readonly gracePeriodSeconds?: number
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export interface ObjectKey {
  readonly apiVersion: string
  readonly kind: string
  readonly name: string
  /** `''` for cluster-scoped kinds. */
  readonly namespace: string
}

export interface ObjectChange {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'
  readonly object: JsonObject
  /** The state before; undefined for ADDED. */
  readonly before: JsonObject | undefined
}

/**
 * The API from inside the process, as one user: what controllers and the kubelet use. Writes go the whole way of a request
 * over HTTP (admission, validation, defaults), except for authorization. They reject with `ApiError`. Objects are frozen or
 * must be treated so: change a copy.
 */
export interface ClusterApi {
  /** `undefined` when there is none. Reads see every write that has ended. */
  find(key: ObjectKey): JsonObject | undefined
  /** Without a namespace: of all namespaces. */
  list(kind: { readonly apiVersion: string; readonly kind: string }, namespace?: string): readonly JsonObject[]
  create(object: JsonObject, options?: WriteOptions): Promise<JsonObject>
  /** With a resourceVersion in the object: rejects with Conflict when it is not the newest. */
  update(object: JsonObject, options?: WriteOptions): Promise<JsonObject>
  delete(key: ObjectKey, options?: DeleteOptions): Promise<void>
  /** In the order of the writes, after each. Returns what ends the subscription. */
  onChange(listener: (change: ObjectChange) => void): () => void
  /** The same API as another user, e.g. `system:serviceaccount:kube-system:replicaset-controller`. */
  as(user: ApiUser): ClusterApi
}
