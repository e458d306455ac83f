import { isArray, isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '@proa/kube'

/** Shorter values are not worth the search. */
const WORTHWHILE = 64

/**
 * Replicas of a workload, and objects made by the same controller, are equal in most of their parts. A part that was seen
 * before is replaced by that one, so that it is in memory once. Nobody changes objects of a snapshot.
 */
export function sharing(): (object: JsonObject) => JsonObject {
  const seen = new Map<string, Json>()
  const shared = (value: Json): Json => {
    if (typeof value !== 'object' || value === null) return value
    const text = JSON.stringify(value)
    if (text.length < WORTHWHILE) return value
    const known = seen.get(text)
    if (known !== undefined) return known
    seen.set(text, value)
    return value
  }
  // What is asked for twice need not be searched twice.
  const done = new WeakSet<JsonObject>()
  return (object) => {
    if (done.has(object)) return object
    const whole = fields(object, (key, value) => {
      if (key === 'metadata')
        return fields(value, (name, one) => (name === 'managedFields' ? items(one, children) : shared(one)))
      if (key === 'spec') return fields(value, (_, one) => (isArray(one) ? items(one, children) : children(one)))
      return shared(value)
    })
    done.add(whole)
    return whole
  }

  /** A container has names of its own among its volume mounts; its variables are those of all replicas. */
  function children(value: Json): Json {
    return isObject(value) ? fields(value, (_, one) => shared(one)) : shared(value)
  }
}

function items(value: Json, change: (item: Json) => Json): Json {
  return isArray(value) ? value.map(change) : value
}

function fields(value: JsonObject, change: (key: string, value: Json) => Json): JsonObject
function fields(value: Json, change: (key: string, value: Json) => Json): Json
function fields(value: Json, change: (key: string, value: Json) => Json): Json {
  if (!isObject(value)) return value
  const copy: MutableJsonObject = {}
  for (const [key, field] of Object.entries(value)) setOwn(copy, key, change(key, field))
  return copy
}
