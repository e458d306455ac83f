import { isObject, type JsonObject } from '@proa/kube'
import { annotationOf, at, objectsAt, textAt } from '../../../reading.ts'
import type { Sidecar } from '../../../subjects/sidecar.ts'
import { injectedNames } from '../proxied.ts'

export const SAFE = 'cluster-autoscaler.kubernetes.io/safe-to-evict'
export const SAFE_VOLUMES = 'cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes'

/** The first release that knows the list of volumes, and that does not count volumes in memory. */
export const LIST_SINCE = 27

/** A volume that keeps the autoscaler from evicting the Pod. */
export interface LocalVolume {
  readonly name: string
  readonly source: 'emptyDir' | 'hostPath'
  readonly injected: boolean
}

/**
 * The volumes that block, by the rules of the autoscaler: hostPath and emptyDir, since 1.27 not those in memory, and not those that
 * the annotation lists. The list is cut at commas and not trimmed.
 */
export function blockingVolumes(pod: JsonObject, sidecar: Sidecar, minor: number | undefined): readonly LocalVolume[] {
  const old = minor !== undefined && minor < LIST_SINCE
  const listed = new Set(old ? [] : (annotationOf(pod, SAFE_VOLUMES) ?? '').split(','))
  const injected = injectedNames(sidecar, 'volumes')
  return objectsAt(pod, 'spec', 'volumes').flatMap((volume): LocalVolume[] => {
    const name = textAt(volume, 'name')
    const source = localSource(volume, old)
    return source === undefined || listed.has(name) ? [] : [{ name, source, injected: injected.has(name) }]
  })
}

function localSource(volume: JsonObject, countsMemory: boolean): LocalVolume['source'] | undefined {
  if (isObject(at(volume, 'hostPath'))) return 'hostPath'
  // The API server makes an emptyDir of a volume without a source.
  const isEmpty = isObject(at(volume, 'emptyDir')) || Object.keys(volume).every((key) => key === 'name')
  if (!isEmpty) return undefined
  return !countsMemory && textAt(volume, 'emptyDir', 'medium') === 'Memory' ? undefined : 'emptyDir'
}
