/**
 * sprig's dictionary functions. `set`, `unset` and the merges change the map they are given, as in Go, so data that
 * reaches templates must be a copy the caller can spare. `keys` and `values`, random in Go, come in sorted order here.
 */
import { goTypeName } from '../format/type-name.ts'
import { type FunctionMap, goFunction, isPlainMap, nilMap, type PlainMap, type Value } from '../value.ts'
import { deepCopy } from './deep-copy.ts'
import { deleteEntry, newMap, setEntry } from './map-entries.ts'
import { mergeMaps } from './merge.ts'
import { badAssertion } from './panic.ts'
import { compareStrings, stringSlice, textOf } from './text-value.ts'

const onMapAndKey = (call: (map: PlainMap, key: string) => Value) =>
  goFunction(['map', 'string'], (map: PlainMap, key: string) => call(map, key))

// The `must…` twins differ where mergo fails, which it does not on maps of any.
const mergeInto = (overwrite: boolean) =>
  goFunction(['map'], (target: PlainMap, ...sources: PlainMap[]) => merge(overwrite, target, sources), {
    variadic: 'map',
  })

export const dictFunctions: FunctionMap = {
  dict: goFunction([], dict, { variadic: 'any' }),
  get: onMapAndKey((map, key) => (Object.hasOwn(map, key) ? map[key] : '')),
  set: goFunction(['map', 'string', 'any'], (map: PlainMap, key: string, value: Value) =>
    setEntry(map, key, value ?? null),
  ),
  unset: goFunction(['map', 'string'], (map: PlainMap, key: string) => deleteEntry(map, key)),
  hasKey: onMapAndKey((map, key) => Object.hasOwn(map, key)),
  pluck: goFunction(['string'], pluck, { variadic: 'map' }),
  keys: goFunction([], (...maps: PlainMap[]) => stringSlice(maps.flatMap(keysOf)), { variadic: 'map' }),
  values: goFunction(['map'], (map: PlainMap) => keysOf(map).map((key) => map[key])),
  pick: goFunction(['map'], (map: PlainMap, ...keys: string[]) => subset(map, (key) => keys.includes(key)), {
    variadic: 'string',
  }),
  omit: goFunction(['map'], (map: PlainMap, ...keys: string[]) => subset(map, (key) => !keys.includes(key)), {
    variadic: 'string',
  }),
  merge: mergeInto(false),
  mustMerge: mergeInto(false),
  mergeOverwrite: mergeInto(true),
  mustMergeOverwrite: mergeInto(true),
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

function keysOf(map: PlainMap): readonly string[] {
  return Object.keys(map).sort(compareStrings)
}

function pluck(key: string, ...maps: PlainMap[]): Value {
  return maps.filter((map) => Object.hasOwn(map, key)).map((map) => map[key])
}

function subset(map: PlainMap, wanted: (key: string) => boolean): Value {
  const result = newMap()
  for (const key of Object.keys(map)) if (wanted(key)) setEntry(result, key, map[key])
  return result
}

function merge(overwrite: boolean, target: PlainMap, sources: readonly PlainMap[]): Value {
  // A nil map cannot take entries; mergo makes a new one as soon as there is something to merge.
  let result = target
  for (const source of sources) {
    if (source === nilMap) continue
    if (result === nilMap) result = newMap()
    mergeMaps(result, source, overwrite)
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
