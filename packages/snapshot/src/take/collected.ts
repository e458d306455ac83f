import type { Unread } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'

/** What was read, and what could not be. */
export interface Collected {
  readonly objects: readonly JsonObject[]
  readonly unread: readonly Unread[]
}

export function joined(parts: readonly Collected[]): Collected {
  return { objects: parts.flatMap(({ objects }) => objects), unread: parts.flatMap(({ unread }) => unread) }
}
