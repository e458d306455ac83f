import type { JsonObject } from '@proa/kube'
import type { Owner } from './data/owner.ts'

/** One Pod to inject. */
export interface InjectionRequest {
  /** The Pod, or a Pod template with its metadata. It is not changed. */
  readonly pod: JsonObject
  /**
   * `webhook`: policy, selectors and namespace count. `manual`: like kube-inject, the policy counts as enabled and the selectors do
   * not apply, while opt-outs and host network do.
   */
  readonly mode: 'webhook' | 'manual'
  /** The namespace of the request; a Pod's own comes first. Default: none. */
  readonly namespace?: string
  /** The Namespace object; read on OpenShift. */
  readonly namespaceObject?: JsonObject
  /** The webhook's URL path, percent-decoded: it can set the cluster, the network and other variables of the proxy. */
  readonly path?: string
  /** The workload, where it is at hand; otherwise it is derived from what its controller left in the Pod. */
  readonly owner?: Owner
}
