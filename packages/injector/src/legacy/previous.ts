import type { JsonObject } from '@proa/kube'
import { InjectionError } from '../errors.ts'
import { readStatus } from '../overlay/status.ts'
import { entriesOf } from '../pod/edit.ts'
import { ADDED_LISTS, type AddedList, mapList } from './lists.ts'

type InjectedNames = Readonly<Record<AddedList, readonly string[]>>

/** What Istio added before it wrote a status that lists names. */
const BEFORE_STATUS: InjectedNames = {
  initContainers: ['istio-init', 'enable-core-dump'],
  containers: ['istio-proxy'],
  volumes: ['istio-certs', 'istio-envoy'],
  imagePullSecrets: [],
}

/**
 * Takes out what an earlier injection added: the names that the status annotation lists. Where it lists nothing, or is
 * not there, everything under the names of Istio's first releases goes, also when the user put it there.
 */
export function withoutInjected(pod: JsonObject): JsonObject {
  const names = injectedNames(entriesOf(pod, 'annotations'))
  return ADDED_LISTS.reduce((result, list) => {
    const injected = new Set<unknown>(names[list])
    if (injected.size === 0) return result
    return mapList(result, list, (items) => items.filter((item) => !injected.has(item.name ?? '')))
  }, pod)
}

function injectedNames(annotations: Readonly<Record<string, string>>): InjectedNames {
  const status = statusOrNothing(annotations)
  return status !== undefined && ADDED_LISTS.some((list) => status[list].length > 0) ? status : BEFORE_STATUS
}

/** Istio 1.8 takes a malformed status for an old one, so here it stops nothing. */
function statusOrNothing(annotations: Readonly<Record<string, string>>): InjectedNames | undefined {
  try {
    return readStatus(annotations)
  } catch (error) {
    if (error instanceof InjectionError && error.code === 'InvalidStatus') return undefined
    throw error
  }
}
