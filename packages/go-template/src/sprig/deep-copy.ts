import { goSlice, isPlainMap, nilMap, sliceTypeOf, type Value } from '../value.ts'
import { newWork, visitToCopy, type Work } from './bounds.ts'
import { isList } from './kinds.ts'
import { newMap, setEntry } from './map-entries.ts'

/** New lists and maps all the way down. Host objects are immutable to templates and stay shared. */
export function deepCopy(value: Value, work: Work = newWork(), depth = 0): Value {
  visitToCopy(work, depth)
  if (isList(value)) {
    const { element, isNil } = sliceTypeOf(value)
    return goSlice(element, isNil ? null : value.map((item) => deepCopy(item, work, depth + 1)))
  }
  if (!isPlainMap(value) || value === nilMap) return value
  const copy = newMap()
  for (const key of Object.keys(value)) setEntry(copy, key, deepCopy(value[key], work, depth + 1))
  return copy
}
