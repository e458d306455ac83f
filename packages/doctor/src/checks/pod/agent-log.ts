import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import { nameOf, namespaceOf } from '../../reading.ts'
import { PROXY_CONTAINER } from '../../subjects/sidecar.ts'

/** The end of the log of a Pod's proxy, newest line last. */
export function proxyLog(cluster: Cluster, pod: JsonObject): readonly string[] {
  return logs(cluster).get(`${namespaceOf(pod)}/${nameOf(pod)}`) ?? []
}

const logs = remembered((cluster) => {
  const found = new Map<string, readonly string[]>()
  for (const { namespace, pod, container, previous, tail } of cluster.logs) {
    if (container === PROXY_CONTAINER && !previous) found.set(`${namespace}/${pod}`, linesOf(tail))
  }
  return found
})

const LONGEST_LINE = 2_000

function linesOf(tail: string): readonly string[] {
  return String(tail)
    .split('\n')
    .flatMap((line) => (line.trim() === '' ? [] : [line.slice(0, LONGEST_LINE)]))
}

/** Why the proxy says that it is not ready, in its last word about that; undefined when it said that it is ready. */
export function notReadyReason(log: readonly string[]): string | undefined {
  const line = log.findLast((one) => /Envoy proxy is (NOT )?ready/.test(one))
  return line === undefined ? undefined : /Envoy proxy is NOT ready: (?<reason>.*)$/.exec(line)?.groups?.reason?.trim()
}

export interface Rejection {
  /** `Listener`, `Cluster` … */
  readonly type: string
  readonly line: string
}

/** The last configuration that Envoy refused. */
export function rejection(log: readonly string[]): Rejection | undefined {
  for (const line of log.toReversed()) {
    const type = /gRPC config for type\.googleapis\.com\/[\w.]*?(?<type>\w+) rejected: /.exec(line)?.groups?.type
    if (type !== undefined) return { type, line }
  }
  return undefined
}

export type ReachCause = 'dns' | 'timeout' | 'refused' | 'route' | 'tls' | 'token' | 'permission'

export interface ReachProblem {
  readonly cause: ReachCause
  /** `10.96.0.20:15012`, or the name that is not resolved. */
  readonly address: string | undefined
  readonly line: string
}

/** Lines of the agent and of Envoy about the way to the control plane and to the authority. */
const ABOUT_REACHING =
  /failed to connect to (?:delta )?upstream|failed to sign|failed to warm certificate|create certificate: |Failed to connect to endpoint|ca request failed|upstream terminated with unexpected error|(?:Delta|Stream)AggregatedResources gRPC config stream/
/** After these the way is known to be open. */
const REACHED = /connected to (?:delta )?upstream XDS server/
const SIGNED = /generated new workload certificate/
const ABOUT_SIGNING = /failed to sign|failed to warm certificate|create certificate: |ca request failed/

const CAUSES: readonly (readonly [ReachCause, RegExp])[] = [
  ['dns', /no such host|server misbehaving|Temporary failure in name resolution/],
  ['refused', /connection refused/],
  ['route', /no route to host|network is unreachable/],
  ['tls', /x509: |tls: |certificate verify failed|CERTIFICATE_VERIFY_FAILED/i],
  ['timeout', /i\/o timeout|connection timed out|context deadline exceeded|code = DeadlineExceeded/],
  ['token', /Unauthenticated|authentication failure|failed to authenticate|token (?:has |is )?expired/i],
  ['permission', /PermissionDenied|not authorized/],
]

/** What the last lines say about the way to the control plane; undefined when they say nothing, or that it is open again. */
export function reachProblem(log: readonly string[]): ReachProblem | undefined {
  let signed = false
  for (const line of log.toReversed()) {
    if (REACHED.test(line)) return undefined
    signed ||= SIGNED.test(line)
    if (!ABOUT_REACHING.test(line) || (signed && ABOUT_SIGNING.test(line))) continue
    const cause = CAUSES.find(([, pattern]) => pattern.test(line))?.[0]
    if (cause !== undefined) return { cause, address: addressIn(line, cause), line }
  }
  return undefined
}

function addressIn(line: string, cause: ReachCause): string | undefined {
  const pattern =
    cause === 'dns' ? /lookup (?<at>[\w.-]+)/ : /dial tcp (?<at>[\w.:[\]-]+:\d+)|upstream (?<to>[\w.-]+:\d+)/
  const groups = pattern.exec(line)?.groups
  return groups?.at ?? groups?.to
}
