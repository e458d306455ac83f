/** Between template values and JSON or YAML text. */

import {
  type FunctionMap,
  type GoMap,
  goFunction,
  goKind,
  isHostObject,
  stringMap,
  type Value,
} from '@proa/go-template'
import { dumpYaml, type Json, type MutableJsonObject, setOwn } from '@proa/kube'
import { goJson } from '../go-json.ts'
import { messageText } from '../mesh/index.ts'
import { step, type Walk } from './bounds.ts'

export function jsonFunctions(minor: number, onStructure: (text: string) => void): FunctionMap {
  return {
    toJSON: goFunction(['stringMap'], (map: GoMap) => (map.isNil ? '{}' : goJson(toJson(map)))),
    toJsonMap: goFunction([], (...maps: GoMap[]) => goJson(toJson(mergeStringMaps(maps))), { variadic: 'stringMap' }),
    fromJSON: goFunction(['string'], (text: string) => {
      onStructure(text)
      return fromJson(text)
    }),
    structToJSON: goFunction(['any'], (value: Value) => (isNil(value) ? '{}' : goJson(toJson(value)))),
    protoToJSON: goFunction(['any'], (message: Value) => messageText(message, minor)),
    toYaml: goFunction(['any'], (value: Value) => dumpYaml(toJson(value), { sortKeys: true })),
  }
}

function isNil(value: Value): boolean {
  return value === null || value === undefined
}

/** Text that is no JSON yields the string `{}`, as in Istio. */
function fromJson(text: string): Value {
  try {
    return JSON.parse(text) as Json as Value
  } catch {
    return '{}'
  }
}

/** What Go's encoder makes of a template value: structs by their JSON fields, maps with sorted keys. */
function toJson(value: Value): Json {
  return encode(value, { work: 0 }, 0)
}

function encode(value: Value, walk: Walk, depth: number): Json {
  step(walk, depth)
  if (value === undefined || value === null) return null
  if (typeof value === 'bigint') return Number(value)
  if (typeof value !== 'object') return value
  if (Array.isArray(value)) return value.map((item) => encode(item, walk, depth + 1))
  const below = (entries: readonly (readonly [string, Value])[]): Json => encodeEntries(entries, walk, depth + 1)
  if (!isHostObject(value)) return below(Object.entries(value as Record<string, Value>))
  switch (value[goKind]) {
    case 'integer':
      return Number(value.value)
    case 'map':
      return value.isNil ? null : below(value.keys().map((key) => [key, value.get(key)]))
    case 'struct':
      if (value.json !== undefined) return encode(value.json(), walk, depth + 1)
      return below(value.fieldNames().map((name) => [name, value.field(name)]))
    default:
      return null
  }
}

function encodeEntries(entries: readonly (readonly [string, Value])[], walk: Walk, depth: number): Json {
  const object: MutableJsonObject = {}
  for (const [key, entry] of entries) setOwn(object, key, encode(entry, walk, depth))
  return object
}

/** Later maps win. Of no map at all comes the nil map. */
export function mergeStringMaps(maps: readonly GoMap[]): GoMap {
  if (maps.length === 0) return stringMap(null)
  const merged: Record<string, string> = Object.create(null) as Record<string, string>
  for (const map of maps) for (const key of map.keys()) merged[key] = String(map.get(key))
  return stringMap(merged)
}
