import type { JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { containersOf } from '../data/fields.ts'
import { CONTAINER } from '../names.ts'
import { type ContainerList, findContainer, withContainers } from '../pod/edit.ts'

/**
 * Puts Istio's containers where they belong. istio-proxy is the last container, so that `kubectl exec` reaches the
 * application's, or the first when the application shall wait for it. A native sidecar comes before the user's init
 * containers, so that these are in the mesh; otherwise the rules are set after them, so that these have a network.
 */
export function orderContainers(pod: JsonObject, holdApplication: boolean, minor: number): JsonObject {
  const placed = move(pod, 'containers', CONTAINER.proxy, holdApplication ? 'first' : 'last')
  if (behaves(minor, 'nativeSidecars') && findContainer(placed, 'initContainers', CONTAINER.proxy) !== undefined) {
    // Each goes to the front, so the last named is the first.
    const native = [CONTAINER.enableCoreDump, CONTAINER.proxy, CONTAINER.validation, CONTAINER.init]
    return native.reduce((result, name) => move(result, 'initContainers', name, 'first'), placed)
  }
  const validated = move(placed, 'initContainers', CONTAINER.validation, 'first')
  return [CONTAINER.init, CONTAINER.enableCoreDump].reduce(
    (result, name) => move(result, 'initContainers', name, 'last'),
    validated,
  )
}

/** Of several containers of that name the last is kept. */
function move(pod: JsonObject, list: ContainerList, name: string, where: 'first' | 'last'): JsonObject {
  const containers = containersOf(pod, list)
  const moved = containers.findLast((container) => container.name === name)
  if (moved === undefined) return pod
  const rest = containers.filter((container) => container.name !== name)
  return withContainers(pod, list, where === 'first' ? [moved, ...rest] : [...rest, moved])
}
