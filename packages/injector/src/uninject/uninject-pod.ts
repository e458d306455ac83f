import { isObject, type Json, type JsonObject, readTyped, TypedError, transplant } from '@proa/kube'
import { containersOf, listOf, objectOf } from '../data/fields.ts'
import { PROXY_ID } from '../names.ts'
import { type ContainerOverrides, readOverrides } from '../overlay/overrides.ts'
import { type InjectionStatus, readStatus } from '../overlay/status.ts'
import { type ContainerList, entriesOf, findSidecar, withSpec } from '../pod/edit.ts'
import { restoreMetadata } from './metadata.ts'
import { restoreProbes } from './probes.ts'

/**
 * The Pod before its injection, from what the injection left in it: the status names what was added, the overrides what
 * the user had set for those containers, two variables of the proxy what the probes and the Prometheus annotations were.
 *
 * Two things leave no trace and are guessed: the order of the user's own istio-proxy among the containers, and whether a
 * probe named its port or numbered it (it is named where the container's port has a name).
 *
 * @param workloadName the name that the canonical name was derived from, where no label names one
 * @returns undefined when the Pod was not injected
 * @throws InjectionError `InvalidStatus`, `InvalidOverrides`
 */
export function uninjectPod(pod: JsonObject, workloadName: string): JsonObject | undefined {
  const annotations = entriesOf(pod, 'annotations')
  const status = readStatus(annotations)
  if (status === undefined) return undefined
  const overrides = readOverrides(annotations)
  const proxy = findSidecar(pod)?.container
  const probed = restoreProbes(pod, proxy)
  const stripped = withSpec(probed, (spec) => withoutGroup(withoutAdded(spec, status, overrides), proxy))
  return restoreMetadata(stripped, { proxy, status, workloadName })
}

function withoutAdded(spec: JsonObject, status: InjectionStatus, overrides: ContainerOverrides): JsonObject {
  const entries: [string, Json][] = []
  for (const [key, value] of Object.entries(spec)) {
    if (key === 'containers' || key === 'initContainers') {
      const containers = restoreContainers(spec, key, status, overrides)
      if (containers.length > 0 || key === 'containers') entries.push([key, containers])
    } else if (key === 'volumes' || key === 'imagePullSecrets') {
      const added = new Set<Json>(status[key])
      const kept = listOf(spec, key).filter((item) => !isObject(item) || !added.has(item.name ?? ''))
      if (kept.length > 0) entries.push([key, kept])
    } else entries.push([key, value])
  }
  return Object.fromEntries(entries)
}

/** The user's own container of an injected name stands where the injected one stood. */
function restoreContainers(
  spec: JsonObject,
  list: ContainerList,
  status: InjectionStatus,
  overrides: ContainerOverrides,
): readonly JsonObject[] {
  const added = new Set<Json>(status[list])
  const own = ownContainers(list, overrides)
  const restored = containersOf({ spec }, list).flatMap((container) => {
    if (!added.has(container.name ?? '')) return [container]
    const original = own.find(({ name }) => name === container.name)
    return original === undefined ? [] : [asUserWrote(original, container)]
  })
  const missing = own.filter(({ name }) => !restored.some((container) => container.name === name))
  return [...restored, ...missing.map((original) => asUserWrote(original, injectedAs(spec, original)))]
}

/** A native sidecar's overrides stand under initContainers, although the user's istio-proxy was a container. */
function ownContainers(list: ContainerList, overrides: ContainerOverrides): readonly JsonObject[] {
  const moved = overrides.initContainers.filter(
    ({ name, restartPolicy }) => name === 'istio-proxy' && restartPolicy === undefined,
  )
  return list === 'containers'
    ? [...overrides.containers, ...moved]
    : overrides.initContainers.filter((container) => !moved.includes(container))
}

const AUTO_IMAGE = 'auto'

/**
 * An image that the injector chose was `auto`; `resources` is always in the annotation. The annotation knows what
 * Kubernetes knows; the injected container still has the user's unknown fields and how they wrote their quantities.
 */
function asUserWrote(container: JsonObject, injected: JsonObject | undefined): JsonObject {
  const { resources, ...rest } = container
  const set = isObject(resources) && Object.keys(resources).length > 0 ? { resources } : {}
  const written = 'image' in rest ? { ...rest, ...set } : { name: rest.name ?? '', image: AUTO_IMAGE, ...rest, ...set }
  if (injected === undefined) return written
  try {
    return transplant(CONTAINER_TYPE, injected, readTyped(CONTAINER_TYPE, injected), written) as JsonObject
  } catch (error) {
    // Somebody broke the injected container, which goes anyway.
    if (error instanceof TypedError) return written
    throw error
  }
}

const CONTAINER_TYPE = 'v1.Container'

/** The container that the user's own became part of, wherever it is now. */
function injectedAs(spec: JsonObject, { name }: JsonObject): JsonObject | undefined {
  const all = [...containersOf({ spec }, 'containers'), ...containersOf({ spec }, 'initContainers')]
  return all.find((container) => container.name === name)
}

/** Proxies have it since 1.19, which was the first release to leave the Pod's group alone. */
const SINCE_GROUP_IS_LEFT_ALONE = 'GOMEMLIMIT'

/** Until 1.18 the Pod's volumes were given to the proxy's group; later the group is the user's own. */
function withoutGroup(spec: JsonObject, proxy: JsonObject | undefined): JsonObject {
  const context = objectOf(spec, 'securityContext')
  if (context?.fsGroup !== Number(PROXY_ID)) return spec
  if (listOf(proxy, 'env').some((entry) => isObject(entry) && entry.name === SINCE_GROUP_IS_LEFT_ALONE)) return spec
  const { fsGroup: _group, ...rest } = context
  const { securityContext: _context, ...others } = spec
  return Object.keys(rest).length === 0 ? others : { ...spec, securityContext: rest }
}
