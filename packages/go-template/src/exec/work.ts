import { isTruthy } from '../truth.ts'
import { isPlainMap, type Value } from '../value.ts'
import { type State, spend } from './state.ts'

/** Steps for handling a value: what is done with it takes time in proportion to its size. */
export function work(value: Value): number {
  if (typeof value === 'string') return value.length >>> 3
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.length >>> 2
  return isPlainMap(value) ? mapWork(Object.keys(value).length) : 0
}

/** JavaScript lists the keys of large objects much more slowly. */
function mapWork(size: number): number {
  return size > 1000 ? size * 4 : size >>> 2
}

/** Whether a value is true to `if`. Looking whether a map is empty makes JavaScript list its keys, so that it counts. */
export function isTrue(state: State, value: Value): boolean {
  if (typeof value !== 'object' || !isPlainMap(value)) return isTruthy(value)
  const size = Object.keys(value).length
  spend(state, mapWork(size))
  return size > 0
}
