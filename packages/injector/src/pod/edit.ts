import type { Json, JsonObject } from '@proa/kube'
import { containersOf, objectOf } from '../data/fields.ts'
import { CONTAINER } from '../names.ts'

/** Changes of a Pod by copying: what is not touched is shared with the Pod given. */

export type ContainerList = 'containers' | 'initContainers'

/** A list of the spec; an empty one is left out, as Go prints it. `containers` is always there. */
export function withContainers(pod: JsonObject, list: ContainerList, containers: readonly JsonObject[]): JsonObject {
  return withSpec(pod, (spec) => {
    if (containers.length > 0 || list === 'containers') return { ...spec, [list]: containers }
    const { [list]: _dropped, ...rest } = spec
    return rest
  })
}

export function withSpec(pod: JsonObject, change: (spec: JsonObject) => JsonObject): JsonObject {
  return { ...pod, spec: change(objectOf(pod, 'spec') ?? {}) }
}

/** Replaces each container of the list by what the function makes of it. */
export function mapContainers(
  pod: JsonObject,
  list: ContainerList,
  change: (container: JsonObject) => JsonObject,
): JsonObject {
  const before = containersOf(pod, list)
  const after = before.map(change)
  return after.every((container, index) => container === before[index]) ? pod : withContainers(pod, list, after)
}

export function findContainer(pod: JsonObject, list: ContainerList, name: Json | undefined): JsonObject | undefined {
  return containersOf(pod, list).find((container) => container.name === name)
}

/** Where istio-proxy is: among the containers first, then (a native sidecar) among the init containers. */
export function findSidecar(
  pod: JsonObject,
  lists: readonly ContainerList[] = ['containers', 'initContainers'],
): { readonly list: ContainerList; readonly container: JsonObject } | undefined {
  for (const list of lists) {
    const container = findContainer(pod, list, CONTAINER.proxy)
    if (container !== undefined) return { list, container }
  }
  return undefined
}

/** Changes the first istio-proxy that is found; the Pod itself when there is none. */
export function mapSidecar(
  pod: JsonObject,
  lists: readonly ContainerList[],
  change: (container: JsonObject) => JsonObject,
): JsonObject {
  const found = findSidecar(pod, lists)
  if (found === undefined) return pod
  let done = false
  return mapContainers(pod, found.list, (container) => {
    if (done || container.name !== CONTAINER.proxy) return container
    done = true
    return change(container)
  })
}

export type MetadataMap = 'annotations' | 'labels'

/** The annotations or labels of a Pod. */
export function entriesOf(pod: JsonObject, map: MetadataMap): Readonly<Record<string, string>> {
  return (objectOf(pod.metadata, map) ?? {}) as Readonly<Record<string, string>>
}

/** Sets entries, or removes those whose value is undefined. An empty map is left out, as Go prints it. */
export function withEntries(
  pod: JsonObject,
  map: MetadataMap,
  changes: Readonly<Record<string, string | undefined>>,
): JsonObject {
  const entries = new Map(Object.entries(entriesOf(pod, map)))
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) entries.delete(key)
    else entries.set(key, value)
  }
  const { [map]: _old, ...metadata } = objectOf(pod, 'metadata') ?? {}
  if (entries.size === 0) return { ...pod, metadata }
  return { ...pod, metadata: { ...metadata, [map]: Object.fromEntries(entries) } }
}
