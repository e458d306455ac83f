import type { JsonObject } from '@proa/kube'
import { ANNOTATION } from '../names.ts'
import { writeStatus } from '../overlay/status.ts'
import { entriesOf, withEntries } from '../pod/edit.ts'
import { labelNetwork, setEnvironment } from './environment.ts'
import type { FinishInput } from './input.ts'
import { orderContainers } from './order.ts'
import { rewriteProbes } from './probes.ts'
import { announceSecurePort, mergePrometheus } from './prometheus.ts'

/** Stable names of the steps after the templates; provenance names them. */
export type FinishStep = 'environment' | 'prometheus' | 'secure-port' | 'probes' | 'metadata' | 'order'

export interface FinishMetadata {
  /** What the templates alone make. */
  readonly templatePod: JsonObject
  readonly revision: string
  readonly injectedAnnotations: Readonly<Record<string, string>>
  readonly holdApplication: boolean
}

/**
 * What cannot be said in a template, in Istio's order. Each step is a function from Pod to Pod.
 *
 * @param onStep told of the Pod after each step
 */
export function finishPod(
  pod: JsonObject,
  input: FinishInput,
  metadata: FinishMetadata,
  onStep?: (step: FinishStep, pod: JsonObject) => void,
): JsonObject {
  const steps: readonly (readonly [FinishStep, (pod: JsonObject) => JsonObject])[] = [
    ['environment', (before) => setEnvironment(before, input)],
    ['prometheus', (before) => mergePrometheus(before, input)],
    ['secure-port', (before) => announceSecurePort(before, input)],
    [
      'probes',
      (before) => rewriteProbes(before, input, Object.hasOwn(entriesOf(before, 'annotations'), ANNOTATION.status)),
    ],
    ['metadata', (before) => writeMetadata(before, input, metadata)],
    ['order', (before) => orderContainers(before, metadata.holdApplication, input.minor)],
  ]
  let result = pod
  for (const [name, step] of steps) {
    result = step(result)
    onStep?.(name, result)
  }
  return result
}

function writeMetadata(pod: JsonObject, input: FinishInput, metadata: FinishMetadata): JsonObject {
  return withEntries(labelNetwork(pod, input), 'annotations', {
    [ANNOTATION.status]: writeStatus(metadata.templatePod, metadata.revision, input.minor),
    ...metadata.injectedAnnotations,
  })
}
