import type { JsonObject } from '@proa/kube'
import type { ApiUser, ResourceType } from '../api/types.ts'

/** A write on its way to the store: what admission is asked about. */
export interface AdmissionAttributes {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly resource: ResourceType
  /** `''` for the object itself. */
  readonly subresource: string
  /** `''` for cluster-scoped objects. */
  readonly namespace: string
  /** `''` while the name is still to be made from generateName. */
  readonly name: string
  /** Decoded, with defaults. Undefined for DELETE. */
  readonly object: JsonObject | undefined
  /** Undefined for CREATE. */
  readonly oldObject: JsonObject | undefined
  readonly user: ApiUser
  readonly dryRun: boolean
  /** `CreateOptions`, `UpdateOptions`, `PatchOptions` or `DeleteOptions` with apiVersion and kind. */
  readonly options: JsonObject
  /** Milliseconds that the client gives the request. Default: as long as an API server takes at most. */
  readonly timeout?: number
}

export interface Admitted {
  /** What is to be stored. Undefined for DELETE. */
  readonly object: JsonObject | undefined
  /** For `Warning:` headers of the answer. */
  readonly warnings: readonly string[]
  /** `mutation.webhook.admission.k8s.io/round_0_index_0` and the like, and what webhooks added. */
  readonly auditAnnotations: Readonly<Record<string, string>>
}

/**
 * Rejects with AdmissionError (an ApiError in the API server's own words).
 *
 * @param prepare what the API does to the object between mutation and validation: gives it its generated name, its uid and
 *   so on, and checks it (`validateCreate`, `validateUpdate`). What it returns is validated and admitted.
 */
export type Admission = (
  attributes: AdmissionAttributes,
  prepare?: (object: JsonObject) => JsonObject,
) => Promise<Admitted>
