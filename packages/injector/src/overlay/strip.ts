import type { JsonObject } from '@proa/kube'
import { containersOf } from '../data/fields.ts'
import { annotationsWithout, prometheusPort } from '../finish/prometheus-keys.ts'
import { ANNOTATION } from '../names.ts'
import { entriesOf, withContainers, withEntries } from '../pod/edit.ts'
import type { ContainerOverrides } from './overrides.ts'
import type { InjectionStatus } from './status.ts'

/**
 * The Pod as templates see it: without what an earlier injection added, but with the containers that the user
 * had customised, which that injection had put together with its own.
 */
export function stripInjected(
  pod: JsonObject,
  status: InjectionStatus | undefined,
  overrides: ContainerOverrides,
  statusPort: string,
  minor: number,
): JsonObject {
  const stripped = status === undefined ? pod : withoutInjected(pod, status, statusPort, minor)
  return reinsert(reinsert(stripped, 'containers', overrides), 'initContainers', overrides)
}

function withoutInjected(pod: JsonObject, status: InjectionStatus, statusPort: string, minor: number): JsonObject {
  let result = pod
  for (const list of ['containers', 'initContainers'] as const) {
    const injected = new Set(status[list])
    if (injected.size === 0) continue
    const kept = containersOf(result, list).filter(({ name }) => typeof name !== 'string' || !injected.has(name))
    result = withContainers(result, list, kept)
  }
  const annotations = entriesOf(result, 'annotations')
  const prometheus = prometheusPort(annotations, minor) === statusPort ? annotationsWithout(annotations, minor) : {}
  return withEntries(result, 'annotations', { ...prometheus, [ANNOTATION.status]: undefined })
}

function reinsert(pod: JsonObject, list: 'containers' | 'initContainers', overrides: ContainerOverrides): JsonObject {
  const present = containersOf(pod, list)
  const missing = overrides[list].filter(({ name }) => !present.some((container) => container.name === name))
  return missing.length === 0 ? pod : withContainers(pod, list, [...present, ...missing])
}
