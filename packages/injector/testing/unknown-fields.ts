/** Fields that no release of Kubernetes knows, put anywhere into a Pod. */
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'

const VALUES: readonly Json[] = ['text', 7, null, [1, { deep: true }], { a: { b: [] } }]
/** Where any key is a name of the user's, so that none is unknown. */
const MAPS: ReadonlySet<string> = new Set(['labels', 'annotations', 'requests', 'limits', 'matchLabels'])
/** Injection replaces these as a whole, so what is in them is the injector's to decide. */
const REPLACED: ReadonlySet<string> = new Set(['httpGet', 'tcpSocket', 'grpc', 'valueFrom'])

/** A Pod, and the same Pod with unknown fields in some of its objects. */
export function withUnknownFields(pods: fc.Arbitrary<JsonObject>): fc.Arbitrary<JsonObject> {
  return fc.tuple(pods, fc.infiniteStream(fc.nat({ max: 3 }))).map(([pod, choices]) => {
    let count = 0
    const chosen = (): boolean => (choices.next().value as number) === 0
    const decorate = (value: Json, key: string): Json => {
      if (isArray(value)) return value.map((item) => decorate(item, ''))
      if (!isObject(value) || REPLACED.has(key)) return value
      const entries = Object.entries(value).map(([name, item]): [string, Json] => [name, decorate(item, name)])
      if (MAPS.has(key) || !chosen()) return Object.fromEntries(entries)
      count++
      entries.splice(count % (entries.length + 1), 0, [`madeUp${count}`, VALUES[count % VALUES.length] ?? null])
      return Object.fromEntries(entries)
    }
    return decorate(pod, '') as JsonObject
  })
}

/** One unknown field: the names of the containers (or other named things) and the keys that lead to it, and its value. */
export interface UnknownField {
  readonly path: string
  readonly value: Json
}

/**
 * All unknown fields of a Pod with the way to them, list items by name. Containers are found by name alone, since one can
 * move between the lists.
 */
export function unknownFields(value: Json, path = ''): readonly UnknownField[] {
  if (isArray(value)) {
    return value.flatMap((item, index) =>
      unknownFields(item, `${path}[${isObject(item) ? itemName(item, path, index) : index}]`),
    )
  }
  if (!isObject(value)) return []
  return Object.entries(value).flatMap(([key, item]) => {
    if (key.startsWith('madeUp')) return [{ path: `${path}.${key}`, value: item }]
    return unknownFields(item, key === 'initContainers' ? `${path}.containers` : `${path}.${key}`)
  })
}

function itemName(item: JsonObject, path: string, index: number): string {
  const key = path.endsWith('.volumeMounts') ? 'mountPath' : path.endsWith('.ports') ? 'containerPort' : 'name'
  return String(item[key] ?? index)
}
