import { CelFunctionError } from './strings.ts'
import type { CelList, CelValue } from './values.ts'

/** Kubernetes' list functions (apiserver, cel/library lists) and cel-go's sets. */

type Comparable = string | number | bigint | boolean

/**
 * Values that can be ordered, each in the form in which JavaScript orders it like CEL. Timestamps, durations and uints
 * are objects of the library, whose classes it does not export.
 */
function comparable(value: CelValue | undefined, name: string): Comparable {
  const plain = primitive(value)
  if (typeof plain !== 'object' && plain !== undefined) return plain
  throw new CelFunctionError(`no such overload: ${name}`)
}

function primitive(value: CelValue | undefined): CelValue | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Map) return value
  if ('seconds' in value && 'nanos' in value && typeof value.seconds === 'bigint') {
    return value.seconds * 1_000_000_000n + BigInt(Number(value.nanos))
  }
  const inner: unknown = value.valueOf()
  return typeof inner === 'bigint' || typeof inner === 'number' ? inner : value
}

/** Below 0, 0 or above 0. Texts compare by code points, as Go's UTF-8 does. */
function compare(left: CelValue | undefined, right: CelValue | undefined, name: string): number {
  const a = comparable(left, name)
  const b = comparable(right, name)
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b)
  if (typeof a !== typeof b && !(isNumber(a) && isNumber(b))) throw new CelFunctionError(`no such overload: ${name}`)
  return a < b ? -1 : a > b ? 1 : 0
}

function compareTexts(a: string, b: string): number {
  const left = Array.from(a)
  const right = Array.from(b)
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = (left[i]?.codePointAt(0) ?? 0) - (right[i]?.codePointAt(0) ?? 0)
    if (difference !== 0) return difference
  }
  return left.length - right.length
}

export function isSorted(list: CelList): boolean {
  if (list.length === 1) comparable(list[0], 'isSorted')
  return list.every((value, index) => index === 0 || compare(list[index - 1], value, 'isSorted') <= 0)
}

export function min(list: CelList): CelValue {
  return extreme(list, 'min', (order) => order < 0)
}

export function max(list: CelList): CelValue {
  return extreme(list, 'max', (order) => order > 0)
}

function extreme(list: CelList, name: string, better: (order: number) => boolean): CelValue {
  if (list.length === 0) throw new CelFunctionError(`${name} called on empty list`)
  return list.reduce((best, value) => (better(compare(value, best, name)) ? value : best))
}

/** Sum of ints, or of doubles; the empty list gives the int 0. */
export function sum(list: CelList): CelValue {
  if (list.length === 0) return 0n
  if (list.every((value) => typeof value === 'number')) return list.reduce((total, value) => total + value, 0)
  let total = 0n
  for (const value of list) {
    if (typeof value !== 'bigint') throw new CelFunctionError('no such overload: sum')
    total += value
  }
  if (BigInt.asIntN(64, total) !== total) throw new CelFunctionError('integer overflow')
  return total
}

export function listIndexOf(list: CelList, wanted: CelValue): bigint {
  return BigInt(list.findIndex((value) => equal(value, wanted)))
}

export function listLastIndexOf(list: CelList, wanted: CelValue): bigint {
  return BigInt(list.findLastIndex((value) => equal(value, wanted)))
}

export function setContains(list: CelList, wanted: CelList): boolean {
  return wanted.every((value) => listIndexOf(list, value) >= 0n)
}

export function setEquivalent(left: CelList, right: CelList): boolean {
  return setContains(left, right) && setContains(right, left)
}

export function setIntersects(left: CelList, right: CelList): boolean {
  return right.some((value) => listIndexOf(left, value) >= 0n)
}

function isNumber(value: CelValue | undefined): value is bigint | number {
  return typeof value === 'bigint' || typeof value === 'number'
}

/** CEL's `==` of values of any type: numbers by value, others only within their type. */
export function equal(left: CelValue | undefined, right: CelValue | undefined): boolean {
  if (left === right) return true
  const a = primitive(left)
  const b = primitive(right)
  if (isNumber(a)) return isNumber(b) && a >= b && a <= b
  if (Array.isArray(a)) {
    return Array.isArray(b) && a.length === b.length && a.every((value, index) => equal(value, b[index]))
  }
  if (!(a instanceof Map) || !(b instanceof Map) || a.size !== b.size) return false
  return [...a].every(([key, value]) => b.has(key) && equal(value, b.get(key)))
}
