import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { type ClusterEvent, eventsAbout } from '../../cluster/events.ts'
import type { CheckOutcome, Evidence, Found } from '../../finding.ts'
import { at, isTrueAt, nameOf, namespaceOf, numberAt, textAt, timeAt } from '../../reading.ts'
import { PROXY_CONTAINER } from '../../subjects/sidecar.ts'
import { type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { notReadyReason, proxyLog, type Rejection, reachProblem, rejection } from './agent-log.ts'
import { proxyPods, statusOf } from './proxied.ts'
import { adviceFor, type NotReadyCause, ofReason, saying } from './proxy-ready-texts.ts'

/** A proxy that has just started may well not be ready yet. */
const STARTING = 30_000

export const INJ321: Check = {
  id: 'INJ321',
  severity: 'error',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  uses: ['Event'],
  title: { en: 'The proxy is not ready', zh: '代理未就绪' },
  looksAt: {
    en: 'The state of the container istio-proxy in the status of running Pods, its events ("Readiness probe failed", "Startup probe failed"), and what the end of its log says: no configuration received, configuration refused, Envoy not started, crashed.',
    zh: '运行中 Pod 的 status 里 istio-proxy 容器的状态、相关事件（"Readiness probe failed"、"Startup probe failed"），以及其日志末尾的内容：未收到配置、配置被拒绝、Envoy 未启动、崩溃。',
  },
  why: {
    en: 'A Pod whose proxy is not ready gets no traffic from any Service, and with the proxy as a native sidecar the application is not even started.',
    zh: '代理未就绪的 Pod 不会收到任何 Service 的流量；代理作为原生 sidecar 时，应用甚至不会启动。',
  },
  remedy: {
    en: 'Follow the reason that the proxy gives: make the control plane reachable, correct the configuration that Envoy refuses, or give the proxy more memory.',
    zh: '根据代理给出的原因处理：恢复到控制平面的连通性、修正被 Envoy 拒绝的配置，或为代理分配更多内存。',
  },
  references: ['istio/istio#38034', 'istio/istio#9504'],
  run: (cluster) => subjects(cluster).flatMap((subject) => judge(cluster, subject)),
}

function judge(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const pods = proxyPods(subject)
  const broken = pods.filter((pod) => isBroken(cluster, pod))
  const [first] = broken
  // That there is no way to the control plane INJ322 tells, with the reason.
  const isCutOff = first !== undefined && reachProblem(proxyLog(cluster, first)) !== undefined
  if (first !== undefined && isCutOff && FOLLOWS.has(causeOf(cluster, first).kind)) return []
  if (first !== undefined) return [notReady(cluster, subject, first, [broken.length, pods.length])]
  for (const pod of pods) {
    const refused = rejection(proxyLog(cluster, pod))
    if (refused !== undefined) return [rejectedLater(subject, pod, refused)]
  }
  return []
}

/** What comes of having no connection. */
const FOLLOWS: ReadonlySet<NotReadyCause['kind']> = new Set(['no-configuration', 'starting', 'unknown'])

/** Reasons for waiting that are told elsewhere, or that pass. */
const NOT_OURS =
  /^(PodInitializing|ContainerCreating|ErrImagePull|ImagePullBackOff|InvalidImageName|ErrImageNeverPull|ImageInspectError|RegistryUnavailable|SignatureValidationFailed)$/

function isBroken(cluster: Cluster, pod: JsonObject): boolean {
  const status = statusOf(pod, PROXY_CONTAINER)
  if (status === undefined || at(status, 'ready') !== false) return false
  const waiting = textAt(status, 'state', 'waiting', 'reason')
  if (waiting !== '') return !NOT_OURS.test(waiting)
  if (at(status, 'state', 'terminated') !== undefined) return numberAt(status, 'state', 'terminated', 'exitCode') !== 0
  const started = timeAt(status, 'state', 'running', 'startedAt')
  return started !== undefined && cluster.now.getTime() - started >= STARTING
}

function causeOf(cluster: Cluster, pod: JsonObject): NotReadyCause {
  const status = statusOf(pod, PROXY_CONTAINER)
  const waiting = textAt(status, 'state', 'waiting', 'reason')
  const ended = at(status, 'lastState', 'terminated') ?? at(status, 'state', 'terminated')
  if (textAt(ended, 'reason') === 'OOMKilled') return { kind: 'out-of-memory' }
  if (waiting !== '' && waiting !== 'CrashLoopBackOff') {
    return { kind: 'cannot-start', reason: waiting, message: textAt(status, 'state', 'waiting', 'message') }
  }
  if (waiting !== '' || at(status, 'state', 'terminated') !== undefined) {
    return { kind: 'crashes', exitCode: numberAt(ended, 'exitCode') }
  }
  const log = proxyLog(cluster, pod)
  const reason = notReadyReason(log)
  if (reason === undefined) return { kind: 'unknown' }
  return ofReason(reason, rejection(log))
}

function notReady(cluster: Cluster, subject: Subject, pod: JsonObject, counts: readonly [number, number]): Found {
  const cause = causeOf(cluster, pod)
  const event = probeEvent(cluster, pod)
  return {
    outcome: 'found',
    object: subject.object,
    message: saying(titleOf(subject), counts, cause),
    evidence: evidenceOf(cluster, pod, cause, event),
    confidence: cause.kind === 'unknown' ? 'cannot-tell' : 'certain',
    fix: adviceFor(subject, pod, cause),
  }
}

/** The kubelet's word about the probes of the proxy. */
function probeEvent(cluster: Cluster, pod: JsonObject): ClusterEvent | undefined {
  return eventsAbout(cluster, 'Pod', namespaceOf(pod), nameOf(pod)).find(
    ({ reason, object }) =>
      reason === 'Unhealthy' &&
      (textAt(object, 'involvedObject', 'fieldPath') || textAt(object, 'regarding', 'fieldPath')).includes(
        `{${PROXY_CONTAINER}}`,
      ),
  )
}

function evidenceOf(
  cluster: Cluster,
  pod: JsonObject,
  cause: NotReadyCause,
  event: ClusterEvent | undefined,
): readonly Evidence[] {
  const object = { apiVersion: 'v1', kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod) }
  const native = !isTrueAt(statusOf(pod, PROXY_CONTAINER), 'ready') && isInit(pod)
  const path = `status.${native ? 'initContainerStatuses' : 'containerStatuses'}[name=${PROXY_CONTAINER}]`
  const status = statusOf(pod, PROXY_CONTAINER)
  const last = proxyLog(cluster, pod).findLast((line) => line.includes('Envoy proxy is NOT ready'))
  const refused = cause.kind === 'rejected' ? cause.rejection : undefined
  return [
    { object, path: `${path}.ready`, value: false },
    ...['state', 'lastState'].flatMap((field): Evidence[] => {
      const value = at(status, field)
      const says = textAt(value, 'waiting', 'reason') !== '' || at(value, 'terminated') !== undefined
      return says && value !== undefined ? [{ object, path: `${path}.${field}`, value }] : []
    }),
    ...(event === undefined ? [] : [{ object, path: `events[reason=${event.reason}].message`, value: event.message }]),
    ...[last, refused?.line].flatMap((line) =>
      line === undefined ? [] : [{ object, path: `logs[${PROXY_CONTAINER}]`, value: line }],
    ),
  ]
}

function isInit(pod: JsonObject): boolean {
  const list = at(pod, 'status', 'initContainerStatuses')
  return Array.isArray(list) && list.some((one) => textAt(one, 'name') === PROXY_CONTAINER)
}

/** Ready long ago, and now refusing what it is sent: it works with the configuration of before. */
function rejectedLater(subject: Subject, pod: JsonObject, refused: Rejection): Found {
  const object = { apiVersion: 'v1', kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod) }
  return {
    outcome: 'found',
    severity: 'warn',
    object: subject.object,
    message: {
      en: `The proxy of ${titleOf(subject)} refused a ${refused.type} configuration, so it works with an older one`,
      zh: `${titleOf(subject)} 的代理拒绝了一个 ${refused.type} 配置，仍在使用旧配置`,
    },
    evidence: [{ object, path: `logs[${PROXY_CONTAINER}]`, value: refused.line }],
    confidence: 'likely',
    fix: adviceFor(subject, pod, { kind: 'rejected', rejection: refused }),
  }
}
