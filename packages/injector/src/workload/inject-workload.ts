import { applyPatch, type CustomWorkload, type JsonObject, type JsonPatchOperation } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import type { Configuration } from '../config/types.ts'
import { containersOf, objectOf, textOf } from '../data/fields.ts'
import { decide } from '../decision/decide.ts'
import type { Decision } from '../decision/types.ts'
import type { InjectionError } from '../errors.ts'
import { decisionConfiguration, injectPod } from '../inject.ts'
import { ANNOTATION, CONTAINER } from '../names.ts'
import type { FieldOrigin } from '../provenance/types.ts'
import type { Rendered } from '../render/render.ts'
import type { InjectionRequest } from '../request.ts'
import type { InjectionWarning } from '../warnings.ts'
import { type AddedSummary, summarizeAdded } from './added.ts'
import { noPodTemplate, patchOfWorkload, podOfWorkload, type WorkloadPod } from './pod-of-workload.ts'

/** How, and as if where, a workload is injected. */
export interface WorkloadOptions {
  readonly mode: 'manual' | 'webhook'
  /** The namespace of an object that names none. */
  readonly namespace?: string
  readonly namespaceObject?: JsonObject
  /** The webhook's URL path. */
  readonly path?: string
  /** Kinds of the user's own and where they keep their Pod template. */
  readonly extraWorkloads?: readonly CustomWorkload[]
}

/** What came of injecting a workload. `skipped` and `not-a-workload` leave the object as it is. */
export type WorkloadResult =
  | {
      readonly kind: 'injected'
      readonly workload: WorkloadPod
      readonly decision: Decision
      /** RFC 6902, against the object. */
      readonly patch: readonly JsonPatchOperation[]
      readonly object: JsonObject
      /** The Pod alone, after injection. */
      readonly pod: JsonObject
      readonly added: AddedSummary
      readonly warnings: readonly InjectionWarning[]
      readonly rendered: readonly Rendered[]
      /** Where each field of the Pod that was added or changed came from. Worked out when it is read. */
      readonly origins: readonly FieldOrigin[]
    }
  | {
      readonly kind: 'skipped'
      readonly workload: WorkloadPod
      readonly decision: Decision
      /** What kube-inject prints in that case, without the line break. */
      readonly notice: string
      readonly warnings: readonly InjectionWarning[]
    }
  | { readonly kind: 'not-a-workload' }
  | {
      readonly kind: 'failed'
      readonly error: InjectionError
      readonly decision?: Decision
      readonly warnings: readonly InjectionWarning[]
    }

/** Injects the Pod of a workload of any kind. Lists are the caller's to take apart. */
export function injectWorkload(
  object: JsonObject,
  configuration: Configuration,
  options: WorkloadOptions,
): WorkloadResult {
  const { minor } = configuration
  const found = podOfWorkload(object, options.mode, minor, options.extraWorkloads)
  if (found.kind === 'not-a-workload') return found
  if (found.kind === 'no-template') return { kind: 'failed', error: noPodTemplate(found.path), warnings: [] }
  const { workload } = found
  if (options.mode === 'manual' && alreadyInjected(workload.pod, minor)) {
    const notice = `===> Skipping injection because ${JSON.stringify(fullName(workload, minor))} has injected "istio-proxy" sidecar already`
    return { kind: 'skipped', workload, decision: decisionOf(workload, configuration, options), notice, warnings: [] }
  }
  const result = injectPod(requestFor(workload, options, minor), configuration)
  if (result.outcome === 'skipped') {
    const { decision, warnings } = result
    return { kind: 'skipped', workload, decision, warnings, notice: noticeOf(workload, decision, minor) }
  }
  if (result.outcome === 'failed') {
    return { kind: 'failed', error: result.error, decision: result.decision, warnings: result.warnings }
  }
  const patch = patchOfWorkload(result.patch, workload)
  return {
    kind: 'injected',
    workload,
    decision: result.decision,
    patch,
    object: applyPatch(object, patch) as JsonObject,
    pod: result.pod,
    added: summarizeAdded(workload.pod, result.pod),
    get warnings() {
      return result.warnings
    },
    rendered: result.rendered,
    get origins() {
      return result.origins
    },
  }
}

/** The request that a Pod of this workload would be. */
export function requestFor(workload: WorkloadPod, options: WorkloadOptions, minor: number): InjectionRequest {
  const namespace = options.mode === 'webhook' ? workload.namespace || options.namespace : undefined
  const derived = workload.kind === 'Pod' && (options.mode === 'webhook' || behaves(minor, 'derivesOwnerManually'))
  const owner = options.mode === 'webhook' ? { ...workload.owner, namespace: namespace ?? '' } : workload.owner
  return {
    pod: workload.pod,
    mode: options.mode,
    ...(derived ? {} : { owner }),
    ...(namespace === undefined ? {} : { namespace }),
    ...(options.namespaceObject === undefined ? {} : { namespaceObject: options.namespaceObject }),
    ...(options.path === undefined ? {} : { path: options.path }),
  }
}

function decisionOf(workload: WorkloadPod, configuration: Configuration, options: WorkloadOptions): Decision {
  const request = requestFor(workload, options, configuration.minor)
  return decide(request.pod, request.namespace ?? '', decisionConfiguration(request, configuration))
}

/** Until 1.16 kube-inject left alone what had a sidecar; 1.8 did not even ask whether it was injected. */
function alreadyInjected(pod: JsonObject, minor: number): boolean {
  if (behaves(minor, 'reinjectsManually')) return false
  const containers = containersOf(pod, 'containers')
  if (containers.length < 2 || !containers.some(({ name }) => name === CONTAINER.proxy)) return false
  const annotations = objectOf(pod.metadata, 'annotations')
  return !behaves(minor, 'podOverlay') || (annotations !== undefined && Object.hasOwn(annotations, ANNOTATION.status))
}

function fullName({ pod, name, namespace }: WorkloadPod, minor: number): string {
  const own = textOf(pod.metadata, 'name') || name
  return namespace === '' || !behaves(minor, 'warnsWithKind') ? own : `${namespace}/${own}`
}

function noticeOf(workload: WorkloadPod, decision: Decision, minor: number): string {
  const kind = behaves(minor, 'warnsWithKind') && workload.kind !== '' ? `${workload.kind} ` : ''
  const why = decision.reason === 'HostNetwork' ? 'host networking enabled' : 'sidecar injection disabled'
  return `===> Skipping injection because ${kind}${JSON.stringify(fullName(workload, minor))} has ${why}`
}
