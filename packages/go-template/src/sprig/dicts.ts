/**
 * sprig's dictionary functions. `set`, `unset` and the merges change the map they are given, as in Go, so data that
 * reaches templates must be a copy the caller can spare. `keys` and `values`, random in Go, come in sorted order here.
 */
import { goTypeName } from '../format/type-name.ts'
import { type FunctionMap, goFunction, isPlainMap, type PlainMap, type Value } from '../value.ts'
import { deepCopy } from './deep-copy.ts'
import { readMap } from './kinds.ts'
import { deleteEntry, newMap, setEntry } from './map-entries.ts'
import { mergeMaps } from './merge.ts'
import { badAssertion } from './panic.ts'
import { compareStrings, stringSlice, textOf } from './text-value.ts'

type MapArgument = PlainMap | null

const onMapAndKey = (call: (map: PlainMap, key: string) => Value) =>
  goFunction(['map', 'string'], (map: MapArgument, key: string) => call(readMap(map), key))

const mergeInto = (overwrite: boolean, onError: 'empty' | 'throw') =>
  goFunction(['map'], (target: MapArgument, ...sources: MapArgument[]) => merge(overwrite, onError, target, sources), {
    variadic: 'map',
  })

export const dictFunctions: FunctionMap = {
  dict: goFunction([], dict, { variadic: 'any' }),
  get: onMapAndKey((map, key) => (Object.hasOwn(map, key) ? map[key] : '')),
  set: goFunction(['map', 'string', 'any'], (map: MapArgument, key: string, value: Value) =>
    setEntry(map, key, value ?? null),
  ),
  unset: goFunction(['map', 'string'], (map: MapArgument, key: string) => deleteEntry(map, key)),
  hasKey: onMapAndKey((map, key) => Object.hasOwn(map, key)),
  pluck: goFunction(['string'], pluck, { variadic: 'map' }),
  keys: goFunction([], (...maps: MapArgument[]) => stringSlice(maps.flatMap(keysOf)), { variadic: 'map' }),
  values: goFunction(['map'], (map: MapArgument) => keysOf(map).map((key) => readMap(map)[key])),
  pick: goFunction(['map'], (map: MapArgument, ...keys: string[]) => subset(map, (key) => keys.includes(key)), {
    variadic: 'string',
  }),
  omit: goFunction(['map'], (map: MapArgument, ...keys: string[]) => subset(map, (key) => !keys.includes(key)), {
    variadic: 'string',
  }),
  merge: mergeInto(false, 'empty'),
  mustMerge: mergeInto(false, 'throw'),
  mergeOverwrite: mergeInto(true, 'empty'),
  mustMergeOverwrite: mergeInto(true, 'throw'),
  deepCopy: goFunction(['any'], (value: Value) => deepCopy(value)),
  mustDeepCopy: goFunction(['any'], (value: Value) => deepCopy(value)),
  dig: goFunction([], dig, { variadic: 'any' }),
}

/** Keys and values in turn; any value is a key, as its text, and a last key without a value gets "". */
function dict(...parts: Value[]): Value {
  const map = newMap()
  for (let i = 0; i < parts.length; i += 2) {
    setEntry(map, textOf(parts[i]), i + 1 < parts.length ? (parts[i + 1] ?? null) : '')
  }
  return map
}

function keysOf(map: MapArgument): readonly string[] {
  return Object.keys(readMap(map)).sort(compareStrings)
}

function pluck(key: string, ...maps: MapArgument[]): Value {
  return maps
    .map(readMap)
    .filter((map) => Object.hasOwn(map, key))
    .map((map) => map[key])
}

function subset(map: MapArgument, wanted: (key: string) => boolean): Value {
  const source = readMap(map)
  const result = newMap()
  for (const key of Object.keys(source)) if (wanted(key)) setEntry(result, key, source[key])
  return result
}

function merge(
  overwrite: boolean,
  onError: 'empty' | 'throw',
  target: MapArgument,
  sources: readonly MapArgument[],
): Value {
  // A nil map cannot take entries; mergo makes a new one as soon as there is something to merge.
  let result = target
  try {
    for (const source of sources) {
      if (source === null || source === undefined) continue
      result ??= newMap()
      mergeMaps(result, source, overwrite)
    }
  } catch (error) {
    if (onError === 'throw') throw error
    return ''
  }
  return result
}

/** `dig key… default map`: the value at the end of the path, or the default as soon as a key is missing. */
function dig(...parts: Value[]): Value {
  if (parts.length < 3) throw new Error('dig needs at least three arguments')
  let current = assertMap(parts.at(-1))
  const keys = parts.slice(0, -2).map(assertString)
  for (const [i, key] of keys.entries()) {
    if (!Object.hasOwn(current, key)) return parts.at(-2)
    if (i === keys.length - 1) return current[key]
    current = assertMap(current[key])
  }
  return parts.at(-2)
}

function assertMap(value: Value): PlainMap {
  if (isPlainMap(value)) return value
  throw badAssertion(assertedType(value), 'map[string]interface {}')
}

function assertString(value: Value): string {
  if (typeof value === 'string') return value
  throw badAssertion(assertedType(value), 'string')
}

function assertedType(value: Value): string {
  return value === null || value === undefined ? 'nil' : goTypeName(value)
}
