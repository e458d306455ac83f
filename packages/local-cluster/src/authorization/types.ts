import type { JsonObject } from '@proa/kube'
import type { ApiUser } from '../api/types.ts'

/** What somebody wants to do: with a resource, or at a path that is none. */
export type AccessRequest = ResourceAccess | PathAccess

export interface ResourceAccess {
  readonly user: ApiUser
  /** `get`, `list`, `create`, `impersonate` … */
  readonly verb: string
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  /** `''` for all namespaces and for cluster-scoped resources. */
  readonly namespace: string
  /** `''` for collections. */
  readonly name: string
}

export interface PathAccess {
  readonly user: ApiUser
  readonly verb: string
  readonly path: string
}

export type AccessVerdict =
  | { readonly allowed: true; readonly reason: string }
  | { readonly allowed: false; readonly reason: string }

export interface Authorizer {
  decide(request: AccessRequest): AccessVerdict
  /** All rules of a user in a namespace, for SelfSubjectRulesReview. */
  rulesFor(user: ApiUser, namespace: string): { readonly rules: readonly JsonObject[]; readonly incomplete: string }
}
