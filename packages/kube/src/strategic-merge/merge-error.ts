import { formatGoFloat } from '../go-text.ts'
import { formatPath, isArray, isObject, type Json, type JsonObject } from '../json.ts'

/** A strategic merge that Kubernetes would refuse; the message is Kubernetes' own where it has one. */
export class MergeError extends Error {
  override readonly name = 'MergeError'
  readonly #steps: string[] = []

  /** Where in the document: `spec.containers`. List items are not told apart. */
  get path(): string {
    return formatPath(this.#steps)
  }

  /** Every map on the way up adds the key it was working on. */
  addKey(key: string): void {
    this.#steps.unshift(key)
  }
}

export function noMergeKey(item: JsonObject, mergeKey: string): MergeError {
  return new MergeError(`map: ${goPrint(item)} does not contain declared merge key: ${mergeKey}`)
}

/** A value of another kind than the place demands. */
export function badType(expected: Json, actual: Json): MergeError {
  return new MergeError(`expected a ${goType(expected)}, but received a ${goType(actual)}`)
}

function goType(value: Json): string {
  if (value === null) return '%!s(<nil>)'
  if (isArray(value)) return '[]interface {}'
  if (isObject(value)) return 'map[string]interface {}'
  return typeof value === 'number' ? 'float64' : typeof value === 'boolean' ? 'bool' : 'string'
}

/** Go's `%v` of a JSON value: `map[a:1 b:[x y]]`, keys sorted. */
export function goPrint(value: Json): string {
  if (value === null) return '<nil>'
  if (isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (isObject(value)) {
    const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
    return `map[${entries.map(([key, item]) => `${key}:${goPrint(item)}`).join(' ')}]`
  }
  return typeof value === 'number' ? formatGoFloat(value, 64) : String(value)
}
