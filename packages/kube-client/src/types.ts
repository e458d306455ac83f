import type { Duplex } from 'node:stream'
import type { JsonObject, JsonPatchOperation } from '@proa/kube'

/** `{ apiVersion: 'apps/v1', kind: 'Deployment' }` */
export interface KindRef {
  readonly apiVersion: string
  readonly kind: string
}

export interface ObjectRef extends KindRef {
  readonly name: string
  /** Absent for cluster-scoped kinds. */
  readonly namespace?: string
}

/** Several objects of a kind. Without a namespace: of all namespaces. */
export interface ListRef extends KindRef {
  readonly namespace?: string
  /** In kubectl's notation: `istio.io/rev=canary,app in (a,b)`. */
  readonly labelSelector?: string
  /** `metadata.name=x` */
  readonly fieldSelector?: string
}

export interface ObjectList {
  readonly items: readonly JsonObject[]
  /** Where a watch goes on. */
  readonly resourceVersion: string
}

export interface WriteOptions {
  readonly fieldManager?: string
  readonly dryRun?: boolean
  /** `status`, `token`, `eviction` … */
  readonly subresource?: string
}

/** How long to wait, where the client's own rules do not fit. */
export interface WaitOptions {
  /** Ends the request: it then rejects with a ConnectionError. */
  readonly signal?: AbortSignal | undefined
  /** Milliseconds that one request (one page of a list) may take with all its tries; default: that of the client. */
  readonly timeout?: number | undefined
}

export interface ListOptions extends WaitOptions {
  /** What of an object is kept, page by page, where lists are large and little of them is needed; undefined: nothing. Default: all. */
  readonly keep?: (object: JsonObject) => JsonObject | undefined
}

/** What follows `?` in an address; what is undefined is left out. */
export interface Query {
  readonly [name: string]: string | undefined
}

/** A Pod whose port is connected to. */
export interface PodPort {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

export interface ApplyOptions extends WriteOptions {
  readonly fieldManager: string
  /** Takes fields over from other managers instead of failing with a conflict. Default false. */
  readonly force?: boolean
}

export interface DeleteOptions {
  readonly dryRun?: boolean
  readonly propagationPolicy?: 'Orphan' | 'Background' | 'Foreground'
  /** Seconds. */
  readonly gracePeriodSeconds?: number
  /** Only this very object is deleted. */
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export type Patch =
  | { readonly type: 'json'; readonly operations: readonly JsonPatchOperation[] }
  | { readonly type: 'merge'; readonly body: JsonObject }
  | { readonly type: 'strategic'; readonly body: JsonObject }

export type WatchEvent =
  | { readonly type: 'ADDED' | 'MODIFIED' | 'DELETED'; readonly object: JsonObject }
  | { readonly type: 'BOOKMARK'; readonly resourceVersion: string }

/**
 * The verbs of a Kubernetes API server on plain objects: nothing is converted, so no field is lost that this program does
 * not know. Every method rejects with a `StatusError` when the server refuses, and with a `ConnectionError` when it cannot
 * be reached.
 */
export interface KubeClient {
  /** `https://10.0.0.1:6443` */
  readonly server: string
  get(ref: ObjectRef, options?: WaitOptions): Promise<JsonObject>
  /** `undefined` where `get` would be refused with NotFound. */
  find(ref: ObjectRef, options?: WaitOptions): Promise<JsonObject | undefined>
  /** All pages of it. */
  list(ref: ListRef, options?: ListOptions): Promise<ObjectList>
  create(object: JsonObject, options?: WriteOptions & WaitOptions): Promise<JsonObject>
  /** Fails with Conflict when the object's resourceVersion is not the newest. */
  replace(object: JsonObject, options?: WriteOptions): Promise<JsonObject>
  patch(ref: ObjectRef, patch: Patch, options?: WriteOptions): Promise<JsonObject>
  /** Server-side apply. */
  apply(object: JsonObject, options: ApplyOptions): Promise<JsonObject>
  /** Deleting what is not there is not an error: the answer is false. */
  delete(ref: ObjectRef, options?: DeleteOptions): Promise<boolean>
  /**
   * Ends when the server ends it; whoever wants a lasting one uses `watchObjects`. The first event is a BOOKMARK with the
   * given resourceVersion: the server has accepted it.
   */
  watch(ref: ListRef & { readonly resourceVersion: string }, signal: AbortSignal): AsyncIterable<WatchEvent>
  /** Any other path: `GET /version`. */
  request(method: string, path: string, body?: JsonObject, options?: WaitOptions): Promise<JsonObject>
  /** What is no JSON: `GET /api/v1/namespaces/x/pods/y/log`. */
  text(path: string, query?: Query, options?: WaitOptions): Promise<string>
  /**
   * A connection to a port of a Pod, through the API server and the Pod's kubelet (`pods/portforward`). Rejects when the
   * server refuses; that nothing listens at the port is told later, by an error of the stream, because the kubelet says so.
   */
  portForward(to: PodPort, options?: WaitOptions): Promise<Duplex>
  /** Warnings that the server sent with its answers, since the last time this was asked. */
  takeWarnings(): readonly string[]
  close(): void
}

/** A collection that is kept up to date: list, watch, reconnect with backoff, list again after 410. */
export interface WatchedObjects {
  /** After the first list. */
  readonly synced: Promise<void>
  readonly items: readonly JsonObject[]
  get(name: string, namespace?: string): JsonObject | undefined
  /** Why the collection may be stale at the moment. */
  readonly problem: string | undefined
  stop(): void
}

export interface WatchHandlers {
  /** After every change; `undefined` for one of the two when it was added or deleted. */
  readonly changed?: (now: JsonObject | undefined, before: JsonObject | undefined) => void
  /** Each failure, before the next try. */
  readonly failed?: (error: Error) => void
  /** What of an object is kept, where it is large and little of it is needed; its metadata has to stay. Default: all. */
  readonly keep?: (object: JsonObject) => JsonObject
}
