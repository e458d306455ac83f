import { getOwn, isObject, type Json, type JsonObject, type MutableJsonObject } from '@proa/kube'

/** Names of the same field in core/v1 and events.k8s.io/v1. */
const RENAMED: readonly (readonly [core: string, events: string])[] = [
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
  ['reportingComponent', 'reportingController'],
]
const TO_EVENTS = new Map(RENAMED)
const TO_CORE = new Map(RENAMED.map(([core, events]) => [events, core]))

function renamed(object: JsonObject, names: ReadonlyMap<string, string>, apiVersion: string): JsonObject {
  const entries = Object.entries(object).map(([key, value]): [string, Json] => [names.get(key) ?? key, value])
  return { ...Object.fromEntries(entries), apiVersion, kind: 'Event' }
}

/** `lastObservedTime` and `count` of a series are the same in both; only names at the top differ. */
export const eventConversion = {
  toServed: (kept: JsonObject): JsonObject => renamed(kept, TO_EVENTS, 'events.k8s.io/v1'),
  toKept: (served: JsonObject): JsonObject => {
    const core: MutableJsonObject = { ...renamed(served, TO_CORE, 'v1') }
    if (!isObject(getOwn(core, 'source'))) core.source = {}
    return core
  },
}
