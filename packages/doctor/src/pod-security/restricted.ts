import type { JsonObject } from '@proa/kube'
import { at, listAt, objectsAt } from '../reading.ts'
import { procMountRestricted } from './baseline.ts'
import {
  byContainers,
  type Control,
  containersIn,
  containersText,
  hasUserNamespace,
  isWindows,
  namesOf,
  plural,
  quoted,
  settersText,
  sortedSet,
} from './control.ts'
import { seccompRestricted } from './profiles.ts'

const SAFE_VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'persistentVolumeClaim',
  'projected',
  'secret',
  'image',
]

/** Rules about Linux do not hold for Pods that say that they run on Windows. */
const onLinux =
  (since: number, check: Control['check']): Control['check'] =>
  (pod, minor) =>
    minor >= since && isWindows(pod) ? undefined : check(pod, minor)

const allowPrivilegeEscalation: Control['check'] = (pod) => {
  const bad = containersIn(pod).filter((one) => at(one, 'securityContext', 'allowPrivilegeEscalation') !== false)
  if (bad.length === 0) return undefined
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${containersText(bad)} must set securityContext.allowPrivilegeEscalation=false`,
    by: byContainers(bad),
  }
}

const capabilities: Control['check'] = (pod) => {
  const containers = containersIn(pod)
  const undropped = containers.filter((one) => !listAt(one, 'securityContext', 'capabilities', 'drop').includes('ALL'))
  const added = (one: JsonObject): readonly string[] =>
    listAt(one, 'securityContext', 'capabilities', 'add')
      .filter((name) => name !== 'NET_BIND_SERVICE')
      .map(String)
  const adding = containers.filter((one) => added(one).length > 0)
  if (undropped.length === 0 && adding.length === 0) return undefined
  const details = [
    ...(undropped.length === 0
      ? []
      : [`${containersText(undropped)} must set securityContext.capabilities.drop=["ALL"]`]),
    ...(adding.length === 0
      ? []
      : [
          `${containersText(adding)} must not include ${quoted(sortedSet(adding.flatMap(added)))} in securityContext.capabilities.add`,
        ]),
  ]
  return {
    reason: 'unrestricted capabilities',
    detail: details.join('; '),
    by: byContainers(containers.filter((one) => undropped.includes(one) || adding.includes(one))),
  }
}

const restrictedVolumes: Control['check'] = (pod) => {
  const type = (volume: JsonObject): string =>
    Object.keys(volume).find((key) => key !== 'name' && volume[key] !== null) ?? 'unknown'
  const bad = objectsAt(pod, 'spec', 'volumes').filter(
    (volume) => !SAFE_VOLUMES.some((key) => volume[key] !== undefined && volume[key] !== null),
  )
  // A volume without a source is an emptyDir.
  const typed = bad.filter((volume) => Object.keys(volume).length > 1)
  if (typed.length === 0) return undefined
  const types = sortedSet(typed.map(type))
  return {
    reason: 'restricted volume types',
    detail: `${plural(typed.length, 'volume', 'volumes')} ${quoted(namesOf(typed))} ${plural(typed.length, 'uses', 'use')} ${plural(types.length, 'restricted volume type', 'restricted volume types')} ${quoted(types)}`,
    by: { containers: [], volumes: namesOf(typed), pod: false },
  }
}

const runAsNonRoot: Control['check'] = (pod, minor) => {
  if (minor >= 35 && hasUserNamespace(pod)) return undefined
  const own = at(pod, 'spec', 'securityContext', 'runAsNonRoot')
  const value = (one: JsonObject): unknown => at(one, 'securityContext', 'runAsNonRoot')
  const containers = containersIn(pod)
  const wrong = containers.filter((one) => value(one) === false)
  if (own === false || wrong.length > 0) {
    return {
      reason: 'runAsNonRoot != true',
      detail: `${settersText(own === false, wrong)} must not set securityContext.runAsNonRoot=false`,
      by: byContainers(wrong, own === false),
    }
  }
  const silent = own === true ? [] : containers.filter((one) => value(one) !== true)
  if (silent.length === 0) return undefined
  return {
    reason: 'runAsNonRoot != true',
    detail: `pod or ${containersText(silent)} must set securityContext.runAsNonRoot=true`,
    by: byContainers(silent),
  }
}

const runAsUser: Control['check'] = (pod, minor) => {
  if (minor >= 35 && hasUserNamespace(pod)) return undefined
  const own = at(pod, 'spec', 'securityContext', 'runAsUser') === 0
  const bad = containersIn(pod).filter((one) => at(one, 'securityContext', 'runAsUser') === 0)
  if (!own && bad.length === 0) return undefined
  return {
    reason: 'runAsUser=0',
    detail: `${settersText(own, bad)} must not set runAsUser=0`,
    by: byContainers(bad, own),
  }
}

export const RESTRICTED: readonly Control[] = [
  { name: 'allowPrivilegeEscalation', since: 8, check: onLinux(25, allowPrivilegeEscalation) },
  { name: 'capabilities_restricted', since: 22, check: onLinux(25, capabilities) },
  { name: 'procMount_restricted', since: 35, check: procMountRestricted },
  { name: 'restrictedVolumes', since: 0, check: restrictedVolumes },
  { name: 'runAsNonRoot', since: 0, check: runAsNonRoot },
  { name: 'runAsUser', since: 23, check: runAsUser },
  { name: 'seccompProfile_restricted', since: 19, check: onLinux(25, seccompRestricted) },
]
