import type { ObjectRef } from '../types.ts'

/** Something that happened to an object, for `kubectl describe` and `kubectl get events`. */
export interface ClusterEvent {
  readonly regarding: ObjectRef & { readonly uid?: string }
  readonly type: 'Normal' | 'Warning'
  /** One word in UpperCamelCase. */
  readonly reason: string
  /** Cut after 1024 bytes. */
  readonly message: string
}
