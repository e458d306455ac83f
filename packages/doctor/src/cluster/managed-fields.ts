import { getOwn, isObject, type Json, type JsonObject } from '@proa/kube'
import { objectsAt, textAt, timeAt } from '../reading.ts'

/** When a field was last written, as far as managedFields tell. */
export interface FieldWrite {
  /**
   * Milliseconds. The manager wrote something at this time, this field at the latest: whatever came later found the field as it
   * is, what came before may have found it otherwise.
   */
  readonly time: number
  readonly manager: string
  /** The manager owns nothing else, so that it wrote this very field at that time. */
  readonly alone: boolean
  /** Index into `metadata.managedFields`. */
  readonly index: number
}

/** `kubectl get -o yaml` leaves them out: then nothing is known of when fields were written. */
export function hasManagedFields(object: JsonObject): boolean {
  return objectsAt(object, 'metadata', 'managedFields').length > 0
}

/**
 * Who owns a field, and since when at the latest; of several owners the one that wrote first. Undefined when nobody does.
 *
 * @param path as it stands in `fieldsV1`: `f:metadata`, `f:labels`, `f:istio-injection`
 */
export function fieldWrite(object: JsonObject, path: readonly string[]): FieldWrite | undefined {
  let first: FieldWrite | undefined
  for (const [index, entry] of objectsAt(object, 'metadata', 'managedFields').entries()) {
    const time = timeAt(entry, 'time')
    const fields = getOwn(entry, 'fieldsV1')
    if (time === undefined || textAt(entry, 'subresource') !== '' || !owns(fields, path)) continue
    if (first !== undefined && first.time <= time) continue
    first = { time, manager: textAt(entry, 'manager'), alone: leaves(fields, 0) === 1, index }
  }
  return first
}

export function labelWrite(object: JsonObject, key: string): FieldWrite | undefined {
  return fieldWrite(object, ['f:metadata', 'f:labels', `f:${key}`])
}

function owns(fields: Json | undefined, path: readonly string[]): boolean {
  let node = fields
  for (const step of path) node = isObject(node) ? getOwn(node, step) : undefined
  return node !== undefined
}

/** No object of Kubernetes is as deep, and a snapshot may be anything. */
const DEEPEST = 30

/** How many fields are owned; counting ends at 2. `.` is the map itself, which its first field brings along. */
function leaves(fields: Json | undefined, depth: number): number {
  if (!isObject(fields) || depth > DEEPEST) return 1
  const keys = Object.keys(fields).filter((key) => key !== '.')
  if (keys.length === 0) return 1
  let count = 0
  for (const key of keys) {
    count += leaves(getOwn(fields, key), depth + 1)
    if (count > 1) return count
  }
  return count
}
