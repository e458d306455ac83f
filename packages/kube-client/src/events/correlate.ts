import type { ClusterEvent } from './types.ts'

/** What is to be written for an event. */
export type EventPlan =
  /** Under the same key it may be known already: then its count and time change (and the message, where similar ones are told together). */
  | { readonly action: 'write'; readonly key: string; readonly event: ClusterEvent }
  /** Too many about this object. */
  | { readonly action: 'drop' }

export interface WrittenEvent {
  readonly name: string
  readonly count: number
  readonly firstTimestamp: string
}

export interface EventCorrelator {
  plan(event: ClusterEvent, now: number): EventPlan
  /** What was written last under a key. */
  known(key: string): WrittenEvent | undefined
  /** It was written so; undefined: it is not on the server any more. */
  written(key: string, written: WrittenEvent | undefined): void
}

/** The numbers are those of client-go's recorder. */
const BURST = 25
const REFILL_MILLISECONDS = 300_000
const SIMILAR = 10
const SIMILAR_MILLISECONDS = 600_000
const MOST_REMEMBERED = 4096

interface Bucket {
  tokens: number
  at: number
}

interface Similar {
  messages: Set<string>
  since: number
}

/**
 * Keeps repeated events from flooding the cluster: equal ones are counted, many that differ in their message only are told
 * as one, and each object gets a limited number. Pure but for its memory, which is limited.
 */
export function eventCorrelator(): EventCorrelator {
  const known = new Map<string, WrittenEvent>()
  const similar = new Map<string, Similar>()
  const buckets = new Map<string, Bucket>()

  const allowed = (object: string, now: number): boolean => {
    const bucket = buckets.get(object) ?? { tokens: BURST, at: now }
    const tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / REFILL_MILLISECONDS)
    remember(buckets, object, { tokens: tokens < 1 ? tokens : tokens - 1, at: now })
    return tokens >= 1
  }
  const combined = (group: string, message: string, now: number): boolean => {
    const last = similar.get(group)
    const current =
      last === undefined || now - last.since > SIMILAR_MILLISECONDS ? { messages: new Set<string>(), since: now } : last
    if (current.messages.size <= SIMILAR) current.messages.add(message)
    remember(similar, group, current)
    return current.messages.size > SIMILAR
  }
  return {
    plan(event, now) {
      const { regarding, type, reason, message } = event
      const object = JSON.stringify([
        regarding.apiVersion,
        regarding.kind,
        regarding.namespace,
        regarding.name,
        regarding.uid,
      ])
      const group = JSON.stringify([object, type, reason])
      const together = combined(group, message, now)
      if (!allowed(object, now)) return { action: 'drop' }
      const key = together ? group : JSON.stringify([group, message])
      const told = together ? { ...event, message: `(combined from similar events): ${message}` } : event
      return { action: 'write', key, event: told }
    },
    known: (key) => known.get(key),
    written(key, written) {
      if (written === undefined) known.delete(key)
      else remember(known, key, written)
    },
  }
}

/** The map is in the order of use; what was not used for longest is forgotten. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.size > MOST_REMEMBERED ? map.keys().next().value : undefined
  if (oldest !== undefined) map.delete(oldest)
}
