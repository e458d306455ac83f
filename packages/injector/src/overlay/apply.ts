import { isObject, type Json, type JsonObject, readTyped, strategicMerge, TypedError } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { containersOf, objectOf } from '../data/fields.ts'
import { InjectionError } from '../errors.ts'
import { ANNOTATION, CONTAINER } from '../names.ts'
import { type ContainerList, entriesOf, findContainer, withContainers } from '../pod/edit.ts'
import type { Rendered } from '../render/render.ts'
import { withoutLaterFields } from './kubernetes-fields.ts'

/** A Pod with templates merged into it. */
export interface Overlaid {
  /** The Pod of the request with every template over it. */
  readonly merged: JsonObject
  /** The templates alone: it tells which containers, volumes and secrets are the injector's. */
  readonly templatePod: JsonObject
}

export interface OverlayRules {
  /** Whether istio-proxy is to be a native sidecar. */
  readonly native: boolean
  readonly minor: number
}

/**
 * Merges one rendered template over the Pod, strategically.
 *
 * @throws InjectionError `MergeFailed`
 */
export function applyOverlay(before: Overlaid, rendered: Rendered, rules: OverlayRules): Overlaid {
  const readable = withoutLaterFields('v1.Pod', rendered.overlay, rules.minor) as JsonObject
  const { templatePod: earlier, overlay } = keepProxyTogether(before.templatePod, readable, rules)
  const overlayTemplates = (): JsonObject => merge(earlier, overlay, rendered, 'failed applying injection overlay')
  if (!behaves(rules.minor, 'nativeSidecars')) {
    const merged = merge(before.merged, overlay, rendered, FAILED_READING)
    return { merged, templatePod: overlayTemplates() }
  }
  const templatePod = overlayTemplates()
  const target = rules.native ? moveProxyToInit(before.merged, templatePod) : before.merged
  return { templatePod, merged: merge(target, overlay, rendered, FAILED_READING) }
}

const FAILED_READING = 'failed parsing generated injected YAML (check Istio sidecar injector configuration)'

function merge(pod: JsonObject, overlay: JsonObject, { template }: Rendered, context: string): JsonObject {
  try {
    return readTyped('v1.Pod', strategicMerge('v1.Pod', pod, overlay)) as JsonObject
  } catch (cause) {
    const step = cause instanceof TypedError ? 'unmarshal patched pod' : 'strategic merge'
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new InjectionError('MergeFailed', `template ${template.name}: ${context}: ${step}: ${reason}`, {
      path: `config.templates.${template.name}`,
      cause,
    })
  }
}

/**
 * A user's own istio-proxy container goes along when the template makes istio-proxy an init container: it is meant for
 * the same container.
 */
function moveProxyToInit(pod: JsonObject, templatePod: JsonObject): JsonObject {
  if (findContainer(templatePod, 'initContainers', CONTAINER.proxy) === undefined) return pod
  const containers = containersOf(pod, 'containers')
  const index = containers.findIndex(({ name }) => name === CONTAINER.proxy)
  const proxy = containers[index]
  if (proxy === undefined) return pod
  const rest = withContainers(pod, 'containers', containers.toSpliced(index, 1))
  return withContainers(rest, 'initContainers', [...containersOf(pod, 'initContainers'), proxy])
}

/**
 * A Pod whose sidecar was native and is now an ordinary container again still has the one of the earlier injection among its
 * init containers, which would be a second of that name.
 *
 * @param formerly the init containers that the earlier injection added
 */
export function withoutFormerSidecar({ merged, templatePod }: Overlaid, formerly: readonly string[]): Overlaid {
  const becomesOrdinary =
    formerly.includes(CONTAINER.proxy) &&
    findContainer(templatePod, 'containers', CONTAINER.proxy) !== undefined &&
    findContainer(templatePod, 'initContainers', CONTAINER.proxy) === undefined
  if (!becomesOrdinary) return { merged, templatePod }
  const kept = containersOf(merged, 'initContainers').filter(({ name }) => name !== CONTAINER.proxy)
  return { templatePod, merged: withContainers(merged, 'initContainers', kept) }
}

/**
 * A later template that customises istio-proxy names it in one list of containers, while an earlier one may have put
 * it into the other. Istio would then have two of that name; here the customisation follows the container, unless the
 * later template is the one that makes it a native sidecar: then the container follows.
 */
function keepProxyTogether(
  templatePod: JsonObject,
  overlay: JsonObject,
  { native }: OverlayRules,
): { readonly templatePod: JsonObject; readonly overlay: JsonObject } {
  const spec = objectOf(overlay, 'spec')
  if (spec === undefined) return { templatePod, overlay }
  for (const [list, other] of [
    ['containers', 'initContainers'],
    ['initContainers', 'containers'],
  ] as const) {
    const named = overlayContainer(spec[list], CONTAINER.proxy)
    const elsewhere = findContainer(templatePod, other, CONTAINER.proxy)
    const here = findContainer(templatePod, list, CONTAINER.proxy)
    if (named === undefined || elsewhere === undefined || here !== undefined) continue
    if (overlayContainer(spec[other], CONTAINER.proxy) !== undefined) continue
    if (native && list === 'initContainers') return { templatePod: moveProxyToInit(templatePod, overlay), overlay }
    return { templatePod, overlay: { ...overlay, spec: moveInOverlay(spec, list, other, named) } }
  }
  return { templatePod, overlay }
}

function overlayContainer(list: Json | undefined, name: string): JsonObject | undefined {
  return Array.isArray(list) ? list.filter(isObject).find((container) => container.name === name) : undefined
}

function moveInOverlay(spec: JsonObject, from: ContainerList, to: ContainerList, container: JsonObject): JsonObject {
  const left = (spec[from] as readonly Json[]).filter((item) => item !== container)
  const target = spec[to]
  return { ...spec, [from]: left, [to]: [...(Array.isArray(target) ? target : []), container] }
}

/** `sidecar.istio.io/nativeSidecar` of the Pod as merged so far beats the cluster's setting. */
export function wantsNativeSidecar(pod: JsonObject, byCluster: boolean): boolean {
  const wish = entriesOf(pod, 'annotations')[ANNOTATION.nativeSidecar]
  return wish === 'true' || (wish !== 'false' && byCluster)
}
