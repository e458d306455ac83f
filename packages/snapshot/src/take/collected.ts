import type { Unread } from '@proa/doctor'
import type { JsonObject } from '@proa/kube'

/** What was read, and what could not be. */
export interface Collected {
  readonly objects: readonly JsonObject[]
  readonly unread: readonly Unread[]
}

export function joined(parts: readonly Collected[]): Collected {
  const unread = parts.flatMap((part) => part.unread)
  const places = new Map(unread.toReversed().map((one) => [placeOf(one), one]))
  return { objects: parts.flatMap(({ objects }) => objects), unread: [...places.values()].toReversed() }
}

/** ConfigMaps are read in several ways: one refusal is enough. */
const placeOf = ({ apiVersion, kind, namespace, name }: Unread): string =>
  JSON.stringify([apiVersion, kind, namespace, name])
