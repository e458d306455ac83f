import { deepEqual, isObject, type Json, type JsonObject } from '@proa/kube'
import { listOf, objectOf } from '../data/fields.ts'

/** What an injection put into a Pod, by name. */
export interface AddedSummary {
  readonly containers: readonly string[]
  readonly initContainers: readonly string[]
  /** Init containers that keep running beside the application (`restartPolicy: Always`). */
  readonly nativeSidecars: readonly string[]
  readonly volumes: readonly string[]
  readonly imagePullSecrets: readonly string[]
  readonly labels: readonly string[]
  readonly annotations: readonly string[]
  /** Containers of the user's that were changed, by their probes or their settings. */
  readonly changedContainers: readonly string[]
}

/** Compares a Pod with what an injection made of it. */
export function summarizeAdded(before: JsonObject, after: JsonObject): AddedSummary {
  const containers = newItems(before, after, 'containers')
  const initContainers = newItems(before, after, 'initContainers')
  return {
    containers: containers.map(nameOf),
    initContainers: initContainers.map(nameOf),
    nativeSidecars: initContainers.filter((item) => item.restartPolicy === 'Always').map(nameOf),
    volumes: newItems(before, after, 'volumes').map(nameOf),
    imagePullSecrets: newItems(before, after, 'imagePullSecrets').map(nameOf),
    labels: newKeys(before, after, 'labels'),
    annotations: newKeys(before, after, 'annotations'),
    changedContainers: [...changedItems(before, after, 'initContainers'), ...changedItems(before, after, 'containers')],
  }
}

function nameOf(item: JsonObject): string {
  return String(item.name ?? '')
}

function itemsOf(pod: JsonObject, list: string): JsonObject[] {
  return listOf(objectOf(pod, 'spec'), list).filter(isObject)
}

function newItems(before: JsonObject, after: JsonObject, list: string): JsonObject[] {
  const known = new Set(itemsOf(before, list).map(nameOf))
  return itemsOf(after, list).filter((item) => !known.has(nameOf(item)))
}

function changedItems(before: JsonObject, after: JsonObject, list: string): string[] {
  const known = new Map<string, Json>(itemsOf(before, list).map((item) => [nameOf(item), item]))
  return itemsOf(after, list)
    .filter((item) => {
      const old = known.get(nameOf(item))
      return old !== undefined && !deepEqual(old, item)
    })
    .map(nameOf)
}

function newKeys(before: JsonObject, after: JsonObject, map: 'labels' | 'annotations'): string[] {
  const known = objectOf(before.metadata, map) ?? {}
  return Object.keys(objectOf(after.metadata, map) ?? {}).filter((key) => !Object.hasOwn(known, key))
}
