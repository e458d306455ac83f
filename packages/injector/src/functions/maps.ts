/** Maps of strings to strings, as annotations and labels are. */

import {
  type FunctionMap,
  type GoMap,
  goFunction,
  isHostObject,
  isPlainMap,
  stringMap,
  type Value,
} from '@proa/go-template'
import { step, type Walk } from './bounds.ts'
import { mergeStringMaps } from './json.ts'

export const mapFunctions: FunctionMap = {
  omit: goFunction(['stringMap'], (map: GoMap, ...keys: string[]) => without(map, keys), { variadic: 'string' }),
  strdict: goFunction([], (...items: string[]) => dictionary(items), { variadic: 'string' }),
  mergeMaps: goFunction([], (...maps: GoMap[]) => mergeStringMaps(maps), { variadic: 'stringMap' }),
  omitNil: goFunction(['any'], omitNil),
}

function without(map: GoMap, keys: readonly string[]): GoMap {
  const dropped = new Set(keys)
  const kept: Record<string, string> = Object.create(null) as Record<string, string>
  for (const key of map.keys()) if (!dropped.has(key)) kept[key] = String(map.get(key))
  return stringMap(kept)
}

/** Keys and values in turn; a last key without a value gets "". */
function dictionary(items: readonly string[]): GoMap {
  const entries: Record<string, string> = Object.create(null) as Record<string, string>
  for (let i = 0; i < items.length; i += 2) entries[items[i] ?? ''] = items[i + 1] ?? ''
  return stringMap(entries)
}

interface Cleaned {
  readonly value: Value
  /** Nothing is left of it, so its parent drops it too. */
  readonly gone: boolean
}

function omitNil(value: Value): Value {
  const cleaned = withoutNil(value, { work: 0 }, 0)
  return cleaned.gone ? null : cleaned.value
}

/**
 * Drops nulls from maps and lists at every depth. A map or list that becomes empty by that goes as well; one that
 * was empty before stays, and what holds no null is returned as it is.
 */
function withoutNil(value: Value, walk: Walk, depth: number): Cleaned {
  step(walk, depth)
  if (value === null || value === undefined) return { value: null, gone: true }
  if (Array.isArray(value)) {
    const cleaned = value.map((item) => withoutNil(item, walk, depth + 1))
    if (!value.some((item, index) => cleaned[index]?.gone || cleaned[index]?.value !== item))
      return { value, gone: false }
    const kept = cleaned.filter(({ gone }) => !gone).map((item) => item.value)
    return { value: kept, gone: kept.length === 0 }
  }
  if (!isPlainMap(value) || isHostObject(value)) return { value, gone: false }
  const entries = Object.entries(value).map(([key, item]) => ({
    key,
    item,
    cleaned: withoutNil(item, walk, depth + 1),
  }))
  if (!entries.some(({ item, cleaned }) => cleaned.gone || cleaned.value !== item)) return { value, gone: false }
  const kept = entries.filter(({ cleaned }) => !cleaned.gone)
  const result = Object.fromEntries(kept.map(({ key, cleaned }) => [key, cleaned.value]))
  return { value: result, gone: kept.length === 0 }
}
