import { getOwn, isObject, type JsonObject } from '../json.ts'

/** A resource as rules name it. The group of core resources is `''`. */
export interface GroupVersionResource {
  readonly group: string
  readonly version: string
  readonly resource: string
}

/** Who asks, as `request.userInfo` of an AdmissionReview. */
export interface UserInfo {
  readonly username?: string
  readonly uid?: string
  readonly groups?: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** The labels of an object: own enumerable keys only. */
export type LabelMap = Readonly<Record<string, string>>

/**
 * What the API server knows of a request when it chooses webhooks. Only data:
 * nothing is looked up, so the namespace comes with the request.
 */
export interface AdmissionRequest extends GroupVersionResource {
  /** Kind of the object, for `request.kind` in match conditions. Default: taken from `object`, else `''`. */
  readonly kind?: string
  /** For example `status` or `scale`; default none. */
  readonly subResource?: string
  /** `CREATE`, `UPDATE`, `DELETE` or `CONNECT`. */
  readonly operation: string
  /** `''` for cluster-scoped resources; the name of the Namespace for a request on a Namespace itself. */
  readonly namespace: string
  /** `''` when the server will make it from `generateName`. */
  readonly name: string
  /** The new object; null or absent for DELETE. */
  readonly object?: JsonObject | null
  /** The stored object; null or absent for CREATE. */
  readonly oldObject?: JsonObject | null
  /**
   * Labels of the namespace that `namespace` names. Absent means "not known", which is not the same as `{}`.
   * `kubernetes.io/metadata.name` need not be there: the API server always adds it, and so do we.
   */
  readonly namespaceLabels?: LabelMap
  /** Absent means "not known": match conditions that hang on it are then `unknown`. */
  readonly userInfo?: UserInfo
  /** Default false. */
  readonly dryRun?: boolean
}

/** The label that the API server gives every namespace (SetDefaults_Namespace, since Kubernetes 1.21). */
export const NAMESPACE_NAME_LABEL = 'kubernetes.io/metadata.name'

/** A CREATE of a Pod, the request that injection is about. */
export function podCreation(namespace: string, pod: JsonObject, namespaceLabels?: LabelMap): AdmissionRequest {
  const metadata = getOwn(pod, 'metadata')
  const name = isObject(metadata) ? getOwn(metadata, 'name') : undefined
  return {
    group: '',
    version: 'v1',
    resource: 'pods',
    kind: 'Pod',
    operation: 'CREATE',
    namespace,
    name: typeof name === 'string' ? name : '',
    object: pod,
    ...(namespaceLabels === undefined ? {} : { namespaceLabels }),
  }
}
