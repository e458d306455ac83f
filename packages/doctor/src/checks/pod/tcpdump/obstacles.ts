import { isObject, type JsonObject } from '@proa/kube'
import type { Evidence } from '../../../finding.ts'
import { at, isTrueAt, listAt, textAt } from '../../../reading.ts'
import { containerPath, inPod, type Proxied } from '../proxied.ts'

/** What keeps tcpdump in the proxy's container from working. */
export interface Obstacle {
  readonly en: string
  readonly zh: string
  readonly evidence: Evidence
}

/** None: tcpdump works there, if the image has it. */
export function obstacles(one: Proxied): readonly Obstacle[] {
  const { proxy } = one
  // A privileged container has every capability; what is left is the user.
  const privileged = isTrueAt(proxy, 'securityContext', 'privileged')
  return [
    ...(/distroless/.test(textAt(proxy, 'image')) ? [distroless(one)] : []),
    ...notRoot(one),
    ...(privileged || mayCapture(proxy) ? [] : [noCapability(one)]),
    ...(!privileged && isTrueAt(proxy, 'securityContext', 'readOnlyRootFilesystem') ? [readOnly(one)] : []),
  ]
}

const place = ({ pod }: Proxied, field: string): string => `${containerPath(pod, 'istio-proxy')}.${field}`

function distroless(one: Proxied): Obstacle {
  const value = at(one.proxy, 'image')
  return {
    en: 'the image is distroless and has no tcpdump',
    zh: '镜像为 distroless，没有 tcpdump',
    evidence: inPod(one, place(one, 'image'), value),
  }
}

/** The container's own setting, or that of the Pod. */
function setting(
  pod: JsonObject,
  proxy: JsonObject,
  field: string,
): { readonly own: boolean; readonly value: Evidence['value'] } {
  const own = at(proxy, 'securityContext', field)
  return own === undefined
    ? { own: false, value: at(pod, 'spec', 'securityContext', field) }
    : { own: true, value: own }
}

function notRoot(one: Proxied): readonly Obstacle[] {
  const { pod, proxy } = one
  const user = setting(pod, proxy, 'runAsUser')
  // Without a user that of the image counts: 1337 in Istio's.
  if (user.value === 0) return []
  const path =
    user.own || user.value === undefined ? place(one, 'securityContext.runAsUser') : 'spec.securityContext.runAsUser'
  // Where nothing is said, Kubernetes allows it.
  const sudo =
    at(proxy, 'securityContext', 'allowPrivilegeEscalation') !== false ||
    isTrueAt(proxy, 'securityContext', 'privileged')
  return [
    {
      en: `it runs as ${typeof user.value === 'number' ? `user ${user.value}` : 'the user of its image'}${sudo ? '' : ' and cannot become root (allowPrivilegeEscalation: false, so no sudo)'}`,
      zh: `以${typeof user.value === 'number' ? `用户 ${user.value} ` : '镜像默认用户'}运行${sudo ? '' : '且无法提升为 root（allowPrivilegeEscalation: false，sudo 不可用）'}`,
      evidence: inPod(one, path, user.value),
    },
  ]
}

/** Containers have NET_RAW unless it is dropped. */
function mayCapture(proxy: JsonObject): boolean {
  const has = (list: string, name: string): boolean =>
    listAt(proxy, 'securityContext', 'capabilities', list).some((one) => one === name || one === 'ALL')
  return has('add', 'NET_RAW') || !has('drop', 'NET_RAW')
}

function noCapability(one: Proxied): Obstacle {
  const value = at(one.proxy, 'securityContext', 'capabilities')
  return {
    en: 'NET_RAW is dropped',
    zh: 'NET_RAW 能力已被移除',
    evidence: inPod(one, place(one, 'securityContext.capabilities'), isObject(value) ? value : undefined),
  }
}

function readOnly(one: Proxied): Obstacle {
  return {
    en: 'the root filesystem is read-only, so no capture file can be written',
    zh: '根文件系统只读，无法写入抓包文件',
    evidence: inPod(one, place(one, 'securityContext.readOnlyRootFilesystem'), true),
  }
}
