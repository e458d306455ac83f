import type { JsonObject } from '@proa/kube'
import type { ClusterApi, ResourceType } from '../api/types.ts'
import type { ClusterNetwork } from '../network/network.ts'

/** The environment variables of an API server that stands behind a proxy. */
export interface ProxySettings {
  /** `HTTPS_PROXY`: `http://proxy:3128`, also with user and password. A name without scheme means `http://`. */
  readonly httpsProxy: string
  /** `NO_PROXY`: names, `.suffixes`, addresses and CIDR ranges, each perhaps with a port; `*` for all. Default none. */
  readonly noProxy?: string
}

/** What admission reads and through what it calls webhooks. */
export interface AdmissionDeps {
  /** The store as admission sees it; reads see every write that has ended. */
  readonly objects: Pick<ClusterApi, 'find' | 'list'>
  readonly network: ClusterNetwork
  /**
   * Reads what a webhook's patch has made of an object as its type; it throws `refuse` of Go's words when a value does not fit its
   * field. Default: it is taken as it is.
   */
  readonly decode?: (type: ResourceType, object: JsonObject, refuse: (words: string) => Error) => JsonObject
  /** Default: webhooks are called directly. */
  readonly proxy?: ProxySettings
  /** Milliseconds since 1970. Default: the clock of the machine. */
  readonly now?: () => number
  /** From 0 to 1, for generated names and for the choice among endpoints. Default: `Math.random`. */
  readonly random?: () => number
  /** Aborting it closes the connections that are kept open to webhooks; what is under way ends with an error. */
  readonly signal?: AbortSignal
}
