import type { JsonObject } from '@proa/kube'

export const SNAPSHOT_API_VERSION = 'doctor.proa.dev/v1'
export const SNAPSHOT_KIND = 'Snapshot'

/**
 * What the checks look at: the objects of a cluster, what was tried from outside, and what could not be read. It is data:
 * taken once, saved, sent to a colleague, read again. A public contract; fields may be added.
 */
export interface Snapshot {
  readonly apiVersion: typeof SNAPSHOT_API_VERSION
  readonly kind: typeof SNAPSHOT_KIND
  /** When it was taken, RFC 3339. The only clock that checks know. */
  readonly takenAt: string
  readonly source: SnapshotSource
  /** `gitVersion` of the API server. */
  readonly kubernetesVersion?: string
  /** Single objects (lists are taken apart), each with `apiVersion`, `kind` and `metadata.name`. */
  readonly objects: readonly JsonObject[]
  readonly unread: readonly Unread[]
  readonly probes: readonly Probe[]
  readonly logs: readonly ContainerLog[]
}

export type SnapshotSource =
  | { readonly kind: 'cluster'; readonly server: string }
  | { readonly kind: 'files'; readonly paths: readonly string[] }
  | { readonly kind: 'bug-report'; readonly paths: readonly string[] }

/**
 * Why objects of a kind are not in a snapshot. `not-given`: the files have none of that kind, so that nothing can be said;
 * `not-served`: the API server has no such kind, which is as good as having none.
 */
export type UnreadReason = 'forbidden' | 'timeout' | 'unreachable' | 'not-given' | 'not-served' | 'error'

/** A kind (in all namespaces, or in one, or one object of it) that could not be read. */
export interface Unread {
  readonly apiVersion: string
  readonly kind: string
  readonly namespace?: string
  readonly name?: string
  readonly reason: UnreadReason
  /** What the API server or the file said. */
  readonly message: string
}

export interface ServiceAddress {
  readonly namespace: string
  readonly name: string
  readonly port: number
}

/** What was tried. */
export type Probe = ServedCertificateProbe | PodCreationProbe

/** A TLS handshake with what answers for a webhook's service (or URL). */
export interface ServedCertificateProbe {
  readonly kind: 'served-certificate'
  /** The service of a webhook; absent for a webhook with a URL. */
  readonly service?: ServiceAddress
  readonly url?: string
  /** The Pod that was asked, and the port of its container. */
  readonly pod?: { readonly namespace: string; readonly name: string; readonly port: number }
  readonly outcome:
    | {
        readonly kind: 'served'
        /** PEM, leaf first, as the server sent it. */
        readonly chain: string
        /** Whether each caBundle verifies the chain, signatures and dates included, and why not. */
        readonly verifiedBy: readonly BundleVerdict[]
      }
    /** `connect`: nothing listens or no way; `handshake`: something listens that does not speak TLS; `not-possible`: we cannot reach Pods from here. */
    | {
        readonly kind: 'failed'
        readonly at: 'resolve' | 'connect' | 'handshake' | 'not-possible'
        readonly message: string
      }
}

export interface BundleVerdict {
  /** `metadata.name` of the MutatingWebhookConfiguration. */
  readonly configuration: string
  /** Index into `webhooks`. */
  readonly index: number
  readonly verifies: boolean
  readonly problem?: string
}

/** A Pod was sent to the API server with `dryRun=All`: what really happens on creation, webhooks included. */
export interface PodCreationProbe {
  readonly kind: 'pod-creation'
  readonly namespace: string
  /** The workload whose template was sent; absent for a sample Pod. */
  readonly workload?: { readonly apiVersion: string; readonly kind: string; readonly name: string }
  /** Labels of the Pod that was sent. */
  readonly labels: Readonly<Record<string, string>>
  readonly outcome:
    | { readonly kind: 'created'; readonly pod: JsonObject; readonly warnings: readonly string[] }
    /** The API server's words. */
    | { readonly kind: 'refused'; readonly code: number; readonly message: string }
    | { readonly kind: 'not-possible'; readonly message: string }
}

/** The end of a container's log. */
export interface ContainerLog {
  readonly namespace: string
  readonly pod: string
  readonly container: string
  /** Of the container before it was started again. */
  readonly previous: boolean
  readonly tail: string
}
