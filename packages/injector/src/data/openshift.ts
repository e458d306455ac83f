import { isObject, type Json, type JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { ANNOTATION, CONTAINER, PROXY_ID } from '../names.ts'
import { annotationOf, containersOf, objectOf } from './fields.ts'

export interface ProxyIds {
  readonly uid: bigint
  readonly gid: bigint
}

const DEFAULT_IDS: ProxyIds = { uid: PROXY_ID, gid: PROXY_ID }

/**
 * The ids that OpenShift reserved for the namespace: the last of `openshift.io/sa.scc.uid-range`, and the last of the
 * first block of `openshift.io/sa.scc.supplemental-groups` (else of the uid range). A block is `start/size` or `start-end`.
 *
 * @param namespace the Namespace object; undefined, or without these annotations, gives Istio's 1337.
 */
export function proxyIds(namespace: JsonObject | undefined): ProxyIds {
  const metadata = namespace?.metadata
  const range = annotationOf(metadata, ANNOTATION.sccUidRange)
  const groups = annotationOf(metadata, ANNOTATION.sccSupplementalGroups) ?? range
  const uid = range === undefined ? undefined : lastOfBlock(range)
  const blocks = groups === undefined || groups === '' ? [] : groups.split(',').map(lastOfBlock)
  const gid = blocks.includes(undefined) ? undefined : blocks[0]
  return { uid: uid ?? DEFAULT_IDS.uid, gid: gid ?? DEFAULT_IDS.gid }
}

const UINT32 = 1n << 32n

function lastOfBlock(text: string): bigint | undefined {
  const slash = text.includes('/')
  // Like Go's Sscanf: leading blanks are skipped and what follows the second number does not matter.
  const match = (slash ? /^\s*\+?(\d+)\/\+?(\d+)/ : /^\s*\+?(\d+)-\+?(\d+)/).exec(text)
  if (match?.[1] === undefined || match[2] === undefined) return undefined
  const first = BigInt(match[1])
  const second = BigInt(match[2])
  if (first >= UINT32 || second >= UINT32) return undefined
  return slash ? (first + second - 1n + UINT32) % UINT32 : second
}

/**
 * OpenShift gives every container the same user, so that the proxy's own traffic would be captured.
 * Where istio-proxy has the user of the application, both its ids are forgotten before anything else.
 *
 * @returns the Pod itself when there is nothing to reset.
 */
export function resetSharedUser(pod: JsonObject, minor: number): JsonObject {
  const spec = objectOf(pod, 'spec')
  const list = sidecarList(pod)
  if (spec === undefined || list === undefined || !sharesUser(pod, minor)) return pod
  const containers = containersOf(pod, list).map((container) =>
    container.name === CONTAINER.proxy ? withoutUser(container) : container,
  )
  return { ...pod, spec: { ...spec, [list]: containers } }
}

function sidecarList(pod: JsonObject): 'containers' | 'initContainers' | undefined {
  for (const list of ['containers', 'initContainers'] as const) {
    const sidecar = containersOf(pod, list).find((container) => container.name === CONTAINER.proxy)
    if (sidecar !== undefined) return isObject(sidecar.securityContext) ? list : undefined
  }
  return undefined
}

const ISTIO_OWN: ReadonlySet<Json | undefined> = new Set([CONTAINER.init, CONTAINER.validation])

function sharesUser(pod: JsonObject, minor: number): boolean {
  const containers = containersOf(pod, 'containers')
  if (behaves(minor, 'resetsSharedUserInInit')) containers.push(...containersOf(pod, 'initContainers'))
  let sidecarUser: Json = 0
  let applicationUser: Json = 0
  for (const container of containers) {
    const user = objectOf(container, 'securityContext')?.runAsUser
    if (user === undefined || user === null) continue
    if (container.name === CONTAINER.proxy) sidecarUser = user
    else if (!ISTIO_OWN.has(container.name)) applicationUser = user
  }
  return sidecarUser === applicationUser
}

function withoutUser(container: JsonObject): JsonObject {
  const { runAsUser: _user, runAsGroup: _group, ...context } = objectOf(container, 'securityContext') ?? {}
  return { ...container, securityContext: context }
}
