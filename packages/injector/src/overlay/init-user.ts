import type { Json, JsonObject } from '@proa/kube'
import { listOf, objectOf } from '../data/fields.ts'
import { ANNOTATION, CONTAINER } from '../names.ts'
import { entriesOf, findContainer, mapContainers, mapSidecar } from '../pod/edit.ts'

const UID_FLAG = '-u'
const TPROXY = 'TPROXY'
const EITHER_LIST = ['containers', 'initContainers'] as const

/**
 * Makes the init container follow the user and group that the user sets for istio-proxy: traffic of that user is not
 * captured. With TPROXY the proxy must stay root.
 *
 * @param own             the user's istio-proxy, as remembered or as it is in the Pod of the request
 * @param interceptionMode of the effective ProxyConfig
 */
export function adjustInitUser(
  pod: JsonObject,
  own: JsonObject | undefined,
  interceptionMode: Json | undefined,
): JsonObject {
  const context = objectOf(own, 'securityContext')
  const user = context?.runAsUser ?? undefined
  const group = context?.runAsGroup ?? undefined
  if (user === undefined && group === undefined) return pod
  const name = [CONTAINER.init, CONTAINER.validation].find((each) => findContainer(pod, 'initContainers', each))
  if (name === undefined) return pod
  const tproxy = interceptionMode === TPROXY || entriesOf(pod, 'annotations')[ANNOTATION.interceptionMode] === TPROXY
  const rooted =
    tproxy && user !== undefined
      ? mapSidecar(pod, EITHER_LIST, (sidecar) => withContext(sidecar, { runAsUser: 0 }))
      : pod
  const ids = {
    ...(user === undefined ? {} : { runAsUser: user }),
    ...(group === undefined ? {} : { runAsGroup: group }),
  }
  let done = false
  return mapContainers(rooted, 'initContainers', (container) => {
    if (done || container.name !== name) return container
    done = true
    const running = !tproxy && name === CONTAINER.validation ? withContext(container, ids) : container
    return user === undefined || user === 0 ? running : withUidArgument(running, user)
  })
}

function withContext(container: JsonObject, ids: JsonObject): JsonObject {
  return { ...container, securityContext: { ...objectOf(container, 'securityContext'), ...ids } }
}

/** The argument after the first `-u` becomes the user. */
function withUidArgument(container: JsonObject, user: Json): JsonObject {
  const args = listOf(container, 'args')
  const flag = args.indexOf(UID_FLAG)
  if (flag === -1 || flag + 1 >= args.length) return container
  return { ...container, args: args.with(flag + 1, String(user)) }
}
