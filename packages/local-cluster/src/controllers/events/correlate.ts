/** How client-go keeps events few: the same one is counted up, many alike are put together, a flood is dropped. */

/** From so many alike on (another text, all else equal) they become one: `(combined from similar events): …`. */
const SIMILAR_AT_MOST = 10
/** Seconds after which similar events are counted afresh. */
const SIMILAR_WINDOW = 600
/** An object may have so many events of one source at once, … */
const BURST = 25
/** … and one more in so many seconds. */
const SECONDS_PER_TOKEN = 300
const REMEMBERED = 4096

export interface EventFacts {
  /** Namespace, kind, name, uid and apiVersion of the object, with its field path. */
  readonly object: string
  readonly type: string
  readonly reason: string
  readonly message: string
}

export interface RecordedEvent {
  readonly name: string
  readonly count: number
  readonly firstTimestamp: string
}

/** What to do with an event: nothing, or write it under this name. */
export type Correlation =
  | { readonly kind: 'dropped' }
  | {
      readonly kind: 'write'
      readonly name: string
      readonly message: string
      readonly count: number
      readonly firstTimestamp: string
    }

export interface Correlator {
  /** `name` is for the case that the event is new. */
  correlate(event: EventFacts, name: string, now: Date): Correlation
}

function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key)
  map.set(key, value)
  const oldest = map.keys().next()
  if (map.size > REMEMBERED && !oldest.done) map.delete(oldest.value)
}

const seconds = (date: Date) => date.getTime() / 1000

export function createCorrelator(format: (date: Date) => string): Correlator {
  const buckets = new Map<string, { tokens: number; at: number }>()
  const similar = new Map<string, { readonly messages: Set<string>; last: number }>()
  const recorded = new Map<string, RecordedEvent>()

  const passes = (object: string, now: number): boolean => {
    const bucket = buckets.get(object) ?? { tokens: BURST, at: now }
    bucket.tokens = Math.min(BURST, bucket.tokens + (now - bucket.at) / SECONDS_PER_TOKEN)
    bucket.at = now
    remember(buckets, object, bucket)
    if (bucket.tokens < 1) return false
    bucket.tokens -= 1
    return true
  }
  const isOneOfMany = (key: string, message: string, now: number): boolean => {
    const known = similar.get(key)
    const record =
      known !== undefined && now - known.last <= SIMILAR_WINDOW ? known : { messages: new Set<string>(), last: now }
    record.last = now
    if (record.messages.size < SIMILAR_AT_MOST) record.messages.add(message)
    remember(similar, key, record)
    return record.messages.size >= SIMILAR_AT_MOST
  }
  return {
    correlate(event, name, now) {
      const key = JSON.stringify([event.object, event.type, event.reason])
      const combined = isOneOfMany(key, event.message, seconds(now))
      const message = combined ? `(combined from similar events): ${event.message}` : event.message
      const identity = combined ? key : JSON.stringify([key, event.message])
      const last = recorded.get(identity)
      const next: RecordedEvent = {
        name: last?.name ?? name,
        count: (last?.count ?? 0) + 1,
        firstTimestamp: last?.firstTimestamp ?? format(now),
      }
      remember(recorded, identity, next)
      if (!passes(event.object, seconds(now))) return { kind: 'dropped' }
      return { kind: 'write', message, ...next }
    },
  }
}
