import { isArray, isObject, type Json } from '../../json.ts'

/**
 * A value as the CEL library wants it: int as bigint, double as number, list as array, map as `Map` (plain objects
 * would trip over a key named `constructor`). Functions may give values of their own classes.
 */
export type CelValue = null | boolean | bigint | number | string | CelList | CelMap | object
export type CelList = readonly CelValue[]
export type CelMap = ReadonlyMap<string, CelValue>

/**
 * JSON as CEL. A number without a fraction is an int, as in Kubernetes, where JSON is read into int64 first; `1.0`
 * cannot be told from `1` here.
 */
export function celValue(value: Json): CelValue {
  if (typeof value === 'number') return Number.isSafeInteger(value) ? BigInt(value) : value
  if (isArray(value)) return value.map(celValue)
  if (isObject(value)) return new Map(Object.entries(value).map(([key, item]) => [key, celValue(item)]))
  return value
}
