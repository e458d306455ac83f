import type { Json, JsonObject } from '@proa/kube'
import { at, isTrueAt, listAt, numberAt, objectsAt, textAt } from '../reading.ts'
import {
  BY_POD,
  byContainers,
  type Control,
  containersIn,
  containersText,
  hasUserNamespace,
  namesOf,
  plural,
  quoted,
  settersText,
  sortedSet,
} from './control.ts'
import { appArmorProfile, seccompBaseline, seLinuxOptions } from './profiles.ts'

/** The default set of container runtimes, without NET_RAW. */
const DEFAULT_CAPABILITIES: ReadonlySet<Json> = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
])

/** Sysctls that are namespaced and isolated, by the policy version that first allows them. */
const SAFE_SYSCTLS: Readonly<Record<string, number>> = {
  'kernel.shm_rmid_forced': 0,
  'net.ipv4.ip_local_port_range': 0,
  'net.ipv4.tcp_syncookies': 0,
  'net.ipv4.ping_group_range': 0,
  'net.ipv4.ip_unprivileged_port_start': 0,
  'net.ipv4.ip_local_reserved_ports': 27,
  'net.ipv4.tcp_keepalive_time': 29,
  'net.ipv4.tcp_fin_timeout': 29,
  'net.ipv4.tcp_keepalive_intvl': 29,
  'net.ipv4.tcp_keepalive_probes': 29,
  'net.ipv4.tcp_rmem': 32,
  'net.ipv4.tcp_wmem': 32,
}

const capabilities: Control['check'] = (pod) => {
  const forbidden = (container: JsonObject): readonly string[] =>
    listAt(container, 'securityContext', 'capabilities', 'add')
      .filter((name) => !DEFAULT_CAPABILITIES.has(name))
      .map(String)
  const bad = containersIn(pod).filter((container) => forbidden(container).length > 0)
  if (bad.length === 0) return undefined
  return {
    reason: 'non-default capabilities',
    detail: `${containersText(bad)} must not include ${quoted(sortedSet(bad.flatMap(forbidden)))} in securityContext.capabilities.add`,
    by: byContainers(bad),
  }
}

const hostNamespaces: Control['check'] = (pod) => {
  const shared = ['hostNetwork', 'hostPID', 'hostIPC'].filter((field) => isTrueAt(pod, 'spec', field))
  return shared.length === 0
    ? undefined
    : { reason: 'host namespaces', detail: shared.map((field) => `${field}=true`).join(', '), by: BY_POD }
}

const hostPathVolumes: Control['check'] = (pod) => {
  const bad = objectsAt(pod, 'spec', 'volumes').filter(
    (volume) => volume.hostPath !== undefined && volume.hostPath !== null,
  )
  if (bad.length === 0) return undefined
  return {
    reason: 'hostPath volumes',
    detail: `${plural(bad.length, 'volume', 'volumes')} ${quoted(namesOf(bad))}`,
    by: { containers: [], volumes: namesOf(bad), pod: false },
  }
}

const hostPorts: Control['check'] = (pod) => {
  const ports = (container: JsonObject): readonly string[] =>
    objectsAt(container, 'ports')
      .map((port) => numberAt(port, 'hostPort') ?? 0)
      .filter((port) => port !== 0)
      .map(String)
  const bad = containersIn(pod).filter((container) => ports(container).length > 0)
  if (bad.length === 0) return undefined
  const used = sortedSet(bad.flatMap(ports))
  return {
    reason: 'hostPort',
    detail: `${containersText(bad)} ${plural(bad.length, 'uses', 'use')} ${plural(used.length, 'hostPort', 'hostPorts')} ${used.join(', ')}`,
    by: byContainers(bad),
  }
}

const HANDLERS: readonly (readonly string[])[] = [
  ['livenessProbe'],
  ['readinessProbe'],
  ['startupProbe'],
  ['lifecycle', 'postStart'],
  ['lifecycle', 'preStop'],
]

const hostProbes: Control['check'] = (pod) => {
  const hosts = (container: JsonObject): readonly string[] =>
    HANDLERS.flatMap((path) =>
      ['httpGet', 'tcpSocket'].map((kind) => textAt(container, ...path, kind, 'host')).filter((host) => host !== ''),
    )
  const bad = containersIn(pod).filter((container) => hosts(container).length > 0)
  if (bad.length === 0) return undefined
  const used = sortedSet(bad.flatMap(hosts))
  return {
    reason: 'probe or lifecycle host',
    detail: `${containersText(bad)} ${plural(bad.length, 'uses', 'use')} ${plural(used.length, 'probe or lifecycle host', 'probe or lifecycle hosts')} ${quoted(used)}`,
    by: byContainers(bad),
  }
}

const privileged: Control['check'] = (pod) => {
  const bad = containersIn(pod).filter((container) => isTrueAt(container, 'securityContext', 'privileged'))
  if (bad.length === 0) return undefined
  return {
    reason: 'privileged',
    detail: `${containersText(bad)} must not set securityContext.privileged=true`,
    by: byContainers(bad),
  }
}

/** At the baseline level user namespaces excuse since 1.35; `procMountRestricted` knows no excuse. */
export const procMountRestricted: Control['check'] = (pod) => {
  const mount = (container: JsonObject): string => textAt(container, 'securityContext', 'procMount')
  const bad = containersIn(pod).filter((container) => mount(container) !== '' && mount(container) !== 'Default')
  if (bad.length === 0) return undefined
  return {
    reason: 'procMount',
    detail: `${containersText(bad)} must not set securityContext.procMount to ${quoted(sortedSet(bad.map(mount)))}`,
    by: byContainers(bad),
  }
}

const procMount: Control['check'] = (pod, minor) =>
  minor >= 35 && hasUserNamespace(pod) ? undefined : procMountRestricted(pod, minor)

const sysctls: Control['check'] = (pod, minor) => {
  const allowed = (name: string): boolean => Object.hasOwn(SAFE_SYSCTLS, name) && (SAFE_SYSCTLS[name] ?? 0) <= minor
  const bad = objectsAt(pod, 'spec', 'securityContext', 'sysctls')
    .map((sysctl) => textAt(sysctl, 'name'))
    .filter((name) => !allowed(name))
  return bad.length === 0 ? undefined : { reason: 'forbidden sysctls', detail: bad.join(', '), by: BY_POD }
}

const windowsHostProcess: Control['check'] = (pod) => {
  const path = ['securityContext', 'windowsOptions', 'hostProcess'] as const
  const bad = containersIn(pod).filter((container) => isTrueAt(container, ...path))
  const byPod = at(pod, 'spec', ...path) === true
  if (bad.length === 0 && !byPod) return undefined
  return {
    reason: 'hostProcess',
    detail: `${settersText(byPod, bad)} must not set securityContext.windowsOptions.hostProcess=true`,
    by: byContainers(bad, byPod),
  }
}

export const BASELINE: readonly Control[] = [
  { name: 'appArmorProfile', since: 0, check: appArmorProfile },
  { name: 'capabilities_baseline', since: 0, check: capabilities },
  { name: 'hostNamespaces', since: 0, check: hostNamespaces },
  { name: 'hostPathVolumes', since: 0, check: hostPathVolumes },
  { name: 'hostPorts', since: 0, check: hostPorts },
  { name: 'hostProbesAndHostLifecycle', since: 34, check: hostProbes },
  { name: 'privileged', since: 0, check: privileged },
  { name: 'procMount_baseline', since: 0, check: procMount },
  { name: 'seLinuxOptions', since: 0, check: seLinuxOptions },
  { name: 'seccompProfile_baseline', since: 19, check: seccompBaseline },
  { name: 'sysctls', since: 0, check: sysctls },
  { name: 'windowsHostProcess', since: 0, check: windowsHostProcess },
]
