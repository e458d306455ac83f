import { isObject, type JsonObject } from '@proa/kube'
import { listOf } from '../data/fields.ts'
import { CONTAINER } from '../names.ts'
import { withSpec } from '../pod/edit.ts'
import { itemsOf, mapList } from './lists.ts'

const SERVICE_ACCOUNT_PATH = '/var/run/secrets/kubernetes.io/serviceaccount'

export interface AddOptions {
  /** The Pod of the request, before anything was taken out of it. */
  readonly original: JsonObject
  /** Holds what the template wants added. */
  readonly additions: JsonObject
  readonly holdApplication: boolean
}

/** Adds what the template brings. Nothing is merged: a name that the user has too is there twice. */
export function addAll(pod: JsonObject, { original, additions, holdApplication }: AddOptions): JsonObject {
  let result = pod
  for (const list of ['initContainers', 'containers'] as const) {
    const mount = serviceAccountMount(itemsOf(original, list))
    result = mapList(result, list, (items) =>
      itemsOf(additions, list).reduce(
        (placed, container) => place(placed, withMount(container, mount), holdApplication),
        items,
      ),
    )
  }
  for (const list of ['volumes', 'imagePullSecrets'] as const) {
    result = mapList(result, list, (items) => [...items, ...itemsOf(additions, list)])
  }
  const dnsConfig = isObject(additions.spec) ? additions.spec.dnsConfig : undefined
  return dnsConfig === undefined ? result : withSpec(result, (spec) => ({ ...spec, dnsConfig }))
}

/**
 * To the end, so that `kubectl exec` reaches the application; to the front what has to be first: the check of the rules,
 * and the proxy when the application shall wait for it.
 */
function place(placed: readonly JsonObject[], container: JsonObject, holdApplication: boolean): readonly JsonObject[] {
  const name = container.name
  const first = name === CONTAINER.validation || (name === CONTAINER.proxy && holdApplication)
  return first ? [container, ...placed] : [...placed, container]
}

/** Where the application has the token of its service account; the last container that has it counts. */
function serviceAccountMount(containers: readonly JsonObject[]): JsonObject | undefined {
  const mounts = containers.flatMap((container) => listOf(container, 'volumeMounts').filter(isObject))
  const mount = mounts.findLast(({ mountPath }) => mountPath === SERVICE_ACCOUNT_PATH)
  return mount === undefined || (mount.name ?? '') === '' ? undefined : mount
}

/** The proxy gets the application's token too: it proves with it who the workload is. */
function withMount(container: JsonObject, mount: JsonObject | undefined): JsonObject {
  if (mount === undefined || container.name !== CONTAINER.proxy) return container
  return { ...container, volumeMounts: [...listOf(container, 'volumeMounts'), mount] }
}
