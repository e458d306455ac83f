/** Changing a `map[string]any` in place. Keys come from templates and data, so `__proto__` must be a key like any other. */
import { nilMap, type PlainMap, type Value } from '../value.ts'

export function newMap(): PlainMap {
  return Object.create(null) as PlainMap
}

/** `map[key] = value`; returns the map. */
export function setEntry(map: PlainMap, key: string, value: Value): PlainMap {
  if (map === nilMap) throw new Error('assignment to entry in nil map')
  const done = Reflect.defineProperty(map, key, { value, writable: true, enumerable: true, configurable: true })
  if (!done) throw new Error(`cannot set ${JSON.stringify(key)}: this map is read-only`)
  return map
}

/** `delete(map, key)`; deleting from the nil map does nothing. */
export function deleteEntry(map: PlainMap, key: string): PlainMap {
  if (!Reflect.deleteProperty(map, key)) throw new Error(`cannot unset ${JSON.stringify(key)}: this map is read-only`)
  return map
}
