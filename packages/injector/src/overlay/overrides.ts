import { isObject, type Json, type JsonObject, readTyped, strategicMerge, TypedError } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { containersOf } from '../data/fields.ts'
import { annotationPath, InjectionError } from '../errors.ts'
import { goJson } from '../go-json.ts'
import { ANNOTATION, CONTAINER } from '../names.ts'
import { type ContainerList, entriesOf, findContainer, findSidecar, withEntries } from '../pod/edit.ts'
import { withoutRewrittenHandlers } from './rewritten-handlers.ts'
import type { InjectionStatus } from './status.ts'

/** The user's own settings for containers that the injector brings. */
export interface ContainerOverrides {
  readonly containers: readonly JsonObject[]
  readonly initContainers: readonly JsonObject[]
}

const NONE: ContainerOverrides = { containers: [], initContainers: [] }
/** The image of a customised container that stands for the injector's own image. */
const AUTO_IMAGE = 'auto'

/**
 * Reads `proxy.istio.io/overrides`, in which an earlier injection kept what the user had set.
 *
 * @throws InjectionError `InvalidOverrides`
 */
export function readOverrides(annotations: Readonly<Record<string, string>>): ContainerOverrides {
  if (!Object.hasOwn(annotations, ANNOTATION.overrides)) return NONE
  try {
    const parsed = JSON.parse(annotations[ANNOTATION.overrides] ?? '') as Json
    if (parsed === null) return NONE
    if (!isObject(parsed)) throw new Error('it is not a JSON object')
    return { containers: containerList(parsed, 'containers'), initContainers: containerList(parsed, 'initContainers') }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InjectionError('InvalidOverrides', `annotation ${ANNOTATION.overrides} cannot be read: ${reason}`, {
      path: annotationPath(ANNOTATION.overrides),
      hint: 'remove the annotation: the injector writes it itself from a container of the same name',
      cause,
    })
  }
}

function containerList(overrides: JsonObject, list: ContainerList): readonly JsonObject[] {
  const value = Object.hasOwn(overrides, list) ? overrides[list] : undefined
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) throw new Error(`${list} is not a list`)
  return value.map((container, index) => {
    if (!isObject(container)) throw new Error(`${list}[${index}] is not a container`)
    return readTyped('v1.Container', container) as JsonObject
  })
}

export interface ReapplyInput {
  /** The Pod that the templates were merged into. */
  readonly merged: JsonObject
  /** The Pod of the request. */
  readonly original: JsonObject
  /** What the templates alone make: names the containers that are the injector's. */
  readonly templatePod: JsonObject
  readonly existing: ContainerOverrides
  readonly status: InjectionStatus | undefined
  readonly minor: number
}

/**
 * Lays the user's own settings of the injector's containers over the templates once more, and remembers them in an
 * annotation, so that they can be told from the injector's on the next injection.
 */
export function reapplyOverrides(input: ReapplyInput): JsonObject {
  const { original, templatePod, status } = input
  const found: Record<ContainerList, JsonObject[]> = { containers: [], initContainers: [] }
  let pod = input.merged
  for (const list of ['containers', 'initContainers'] as const) {
    for (const { name } of containersOf(templatePod, list)) {
      const overlay = overrideOf(list, name, input)
      if (overlay === undefined) continue
      found[list].push(overlay)
      pod = mergeContainer(pod, list, withoutRewrittenHandlers(overlay, findContainer(pod, list, name)))
    }
  }
  if (status !== undefined || (found.containers.length === 0 && found.initContainers.length === 0)) return pod
  const remembered = {
    ...(found.containers.length > 0 ? { containers: found.containers.map(asGoPrints) } : {}),
    ...(found.initContainers.length > 0 ? { initContainers: found.initContainers.map(asGoPrints) } : {}),
  }
  const before = entriesOf(original, 'annotations')[ANNOTATION.overrides]
  const text = goJson(remembered)
  return before === text ? pod : withEntries(pod, 'annotations', { [ANNOTATION.overrides]: text })
}

/**
 * What an earlier injection remembered counts again, so that injecting twice is injecting once. Since 1.17 Istio forgets
 * it the second time, and the user's settings with it. A container of the Pod itself is the user's only where no
 * injection made it.
 */
function overrideOf(list: ContainerList, name: Json | undefined, input: ReapplyInput): JsonObject | undefined {
  const found = rememberedOverride(list, name, input.existing) ?? ownContainer(list, name, input)
  if (found?.image !== AUTO_IMAGE) return found
  const { image: _auto, ...rest } = found
  return rest
}

/** What an earlier injection remembered of the user's istio-proxy, else the one of the Pod. */
export function ownProxy(original: JsonObject, existing: ContainerOverrides): JsonObject | undefined {
  return rememberedOverride('containers', CONTAINER.proxy, existing) ?? findSidecar(original)?.container
}

/** A proxy that was injected into the other list, as before native sidecars, has its settings there. */
function rememberedOverride(
  list: ContainerList,
  name: Json | undefined,
  existing: ContainerOverrides,
): JsonObject | undefined {
  const other = list === 'containers' ? 'initContainers' : 'containers'
  return [...existing[list], ...existing[other]].find((container) => container.name === name)
}

function ownContainer(
  list: ContainerList,
  name: Json | undefined,
  { original, status, minor }: ReapplyInput,
): JsonObject | undefined {
  if (behaves(minor, 'statusStopsOverrides') && namesContainer(status, name)) return undefined
  const lists: readonly ContainerList[] =
    list === 'containers' || !behaves(minor, 'overridesAcrossLists') ? [list] : ['containers', 'initContainers']
  return lists.map((each) => findContainer(original, each, name)).find((container) => container !== undefined)
}

function namesContainer(status: InjectionStatus | undefined, name: Json | undefined): boolean {
  return typeof name === 'string' && [...(status?.containers ?? []), ...(status?.initContainers ?? [])].includes(name)
}

function mergeContainer(pod: JsonObject, list: ContainerList, overlay: JsonObject): JsonObject {
  try {
    const merged = strategicMerge('v1.Pod', pod, { spec: { [list]: [overlay] } })
    return readTyped('v1.Pod', merged) as JsonObject
  } catch (cause) {
    const reason = cause instanceof TypedError || cause instanceof Error ? cause.message : String(cause)
    throw new InjectionError('MergeFailed', `failed to apply the container ${String(overlay.name)}: ${reason}`, {
      path: `spec.${list}`,
      cause,
    })
  }
}

/** Kubernetes' own field order, and `resources`, which Go always prints. */
function asGoPrints(container: JsonObject): Json {
  return readTyped('v1.Container', container, { goZeros: true })
}
