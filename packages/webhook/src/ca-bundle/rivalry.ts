import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { ENTRY_SUFFIX } from './plan.ts'

/** How often somebody has undone what we wrote in one webhook configuration. Times in milliseconds. */
export interface Rivalry {
  /** Times that it was undone without a longer peace in between. */
  readonly undone: number
  readonly last: number
  /** When the next write may be. */
  readonly notBefore: number
}

export const NO_RIVALRY: Rivalry = { undone: 0, last: Number.NEGATIVE_INFINITY, notBefore: Number.NEGATIVE_INFINITY }

/** As often as somebody may break a bundle by accident and have it healed at once. */
const AT_ONCE = 2
const FIRST_PAUSE = 2000
const LONGEST_PAUSE = 10 * 60_000
/** A rival that was quiet for longer than it has to wait for our answer has given up. */
const PEACE = 2 * LONGEST_PAUSE
/** From here on it is a duel, and people are told. */
const DUEL = 4

/** After something of ours was found undone. The pauses double: 0, 0, 2 s, 4 s … 10 min. */
export function undone(before: Rivalry, now: number): Rivalry {
  const times = (now - before.last > PEACE ? 0 : before.undone) + 1
  const pause = times <= AT_ONCE ? 0 : Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (times - AT_ONCE - 1))
  return { undone: times, last: now, notBefore: now + pause }
}

export function isDuel({ undone: times }: Rivalry): boolean {
  return times >= DUEL
}

/** When a duel counts as over, if nothing is undone until then. */
export function peaceAt({ last }: Rivalry): number {
  return last + PEACE
}

/**
 * Who else writes a bundle: the managers, other than `ours`, that own a `caBundle` of an injecting entry; when nobody says so (an
 * empty bundle has no owner), the one that wrote last.
 */
export function rivals(configuration: JsonObject, ours: string): readonly string[] {
  const metadata = getOwn(configuration, 'metadata')
  const fields = isObject(metadata) ? getOwn(metadata, 'managedFields') : undefined
  const others = (fields !== undefined && isArray(fields) ? fields : [])
    .filter(isObject)
    .filter(({ manager }) => manager !== ours)
  const owners = others.filter(ownsBundle)
  const latest = others.toSorted((a, b) => String(b.time).localeCompare(String(a.time))).slice(0, 1)
  const named = (owners.length > 0 ? owners : latest).map(
    ({ manager, operation }) => `${String(manager)} (${String(operation)})`,
  )
  return [...new Set(named)]
}

function ownsBundle(entry: JsonObject): boolean {
  const webhooks = inside(inside(entry, 'fieldsV1'), 'f:webhooks')
  return Object.keys(webhooks).some(
    (key) =>
      key.includes(`${ENTRY_SUFFIX}"`) && Object.hasOwn(inside(inside(webhooks, key), 'f:clientConfig'), 'f:caBundle'),
  )
}

function inside(object: JsonObject, key: string): JsonObject {
  const value: Json | undefined = getOwn(object, key)
  return isObject(value) ? value : {}
}
