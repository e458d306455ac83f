import { goSlice, isPlainMap, nilMap, sliceTypeOf, type Value } from '../value.ts'
import { isList } from './kinds.ts'
import { newMap, setEntry } from './map-entries.ts'

const maximumDepth = 1000

/** New lists and maps all the way down. Host objects are immutable to templates and stay shared. */
export function deepCopy(value: Value, depth = 0): Value {
  if (depth > maximumDepth) throw new Error(`data is nested deeper than ${maximumDepth} levels; it may contain itself`)
  if (isList(value)) {
    const { element, isNil } = sliceTypeOf(value)
    return goSlice(element, isNil ? null : value.map((item) => deepCopy(item, depth + 1)))
  }
  if (!isPlainMap(value) || value === nilMap) return value
  const copy = newMap()
  for (const key of Object.keys(value)) setEntry(copy, key, deepCopy(value[key], depth + 1))
  return copy
}
