import { applyPatch, type CustomWorkload, diff, type JsonObject, type JsonPatchOperation, podListKey } from '@proa/kube'
import { textOf } from '../data/fields.ts'
import { type InjectionError, toInjectionError } from '../errors.ts'
import { CURRENT_MINOR } from '../release.ts'
import { patchOfWorkload, podOfWorkload } from '../workload/pod-of-workload.ts'
import { uninjectPod } from './uninject-pod.ts'

/** `failed`: an annotation that the injection left cannot be read. */
export type UninjectResult =
  | {
      readonly kind: 'restored'
      /** RFC 6902, against the object. */
      readonly patch: readonly JsonPatchOperation[]
      readonly object: JsonObject
    }
  | { readonly kind: 'not-injected' }
  | { readonly kind: 'not-a-workload' }
  | { readonly kind: 'failed'; readonly error: InjectionError }

/** Takes back what proa or Istio injected into the Pod of a workload. */
export function uninjectWorkload(
  object: JsonObject,
  options: { readonly extraWorkloads?: readonly CustomWorkload[] } = {},
): UninjectResult {
  // kube-inject wrote a CronJob's annotations to the job template, a webhook to the Pod template: look at both.
  for (const mode of ['manual', 'webhook'] as const) {
    const found = podOfWorkload(object, mode, CURRENT_MINOR, options.extraWorkloads)
    if (found.kind === 'not-a-workload') return found
    if (found.kind === 'no-template') return { kind: 'not-injected' }
    const { workload } = found
    try {
      const restored = uninjectPod(workload.pod, workload.owner.name || textOf(object.metadata, 'name'))
      if (restored === undefined) continue
      const patch = patchOfWorkload(diff(workload.pod, restored, { listKey: podListKey }), workload)
      return { kind: 'restored', patch, object: applyPatch(object, patch) as JsonObject }
    } catch (error) {
      const known = toInjectionError(error)
      if (known === undefined) throw error
      return { kind: 'failed', error: known }
    }
  }
  return { kind: 'not-injected' }
}
