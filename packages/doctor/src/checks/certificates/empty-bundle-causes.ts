import { serverTitle, workloadsBehind } from '../../certificates/control-plane.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { eventsAbout } from '../../cluster/events.ts'
import type { Evidence } from '../../finding.ts'
import type { Text } from '../../language.ts'
import type { Injector } from '../../mesh/injectors.ts'
import { injectorPods, isReady } from '../../mesh/readiness.ts'
import { revisionBehind } from '../../mesh/revisions.ts'
import { nameOf, namespaceOf } from '../../reading.ts'
import { bundleWriters, isGitOps } from './bundle-writers.ts'

/** Why a control plane did not write its bundle, as far as the snapshot tells. */
export interface Cause {
  readonly code: 'not-running' | 'not-permitted' | 'reported' | 'overwritten'
  readonly text: Text
  readonly evidence: readonly Evidence[]
}

/** What says most comes first. */
export function emptyBundleCauses(cluster: Cluster, entries: readonly Injector[]): readonly Cause[] {
  const [injector] = entries
  if (injector === undefined) return []
  const notPermitted = permissionCause(cluster, injector)
  const overwritten = writerCause(entries)
  return [
    ...(notPermitted === undefined ? [] : [notPermitted]),
    ...podCauses(cluster, injector),
    ...reportedCauses(cluster, injector),
    ...(overwritten === undefined ? [] : [overwritten]),
  ]
}

const FORBIDDEN = /forbidden|cannot (?:patch|update|list|watch)|RBAC/i
const ABOUT_WEBHOOKS = /mutatingwebhookconfigurations?|caBundle|patching webhook/i

/** Of the logs of the injector's Pods: a refused write. */
function permissionCause(cluster: Cluster, injector: Injector): Cause | undefined {
  const revision = revisionBehind(cluster, injector)
  const pods = new Set(revision === undefined ? [] : injectorPods(cluster, revision).map(podKey))
  for (const log of cluster.logs) {
    if (!pods.has(`${log.namespace}/${log.pod}`)) continue
    const line = log.tail.split('\n').findLast((one) => FORBIDDEN.test(one) && ABOUT_WEBHOOKS.test(one))
    if (line === undefined) continue
    return {
      code: 'not-permitted',
      text: {
        en: `the log of Pod ${log.pod} says that it may not write the webhook configuration: its ClusterRole lacks "patch" or "update" on mutatingwebhookconfigurations`,
        zh: `Pod ${log.pod} 的日志显示它无权写入 webhook 配置：其 ClusterRole 缺少对 mutatingwebhookconfigurations 的 "patch" 或 "update" 权限`,
      },
      evidence: [
        {
          object: { apiVersion: 'v1', kind: 'Pod', namespace: log.namespace, name: log.pod },
          path: `log of ${log.container}`,
          value: line.slice(0, 500),
        },
      ],
    }
  }
  return undefined
}

const podKey = (pod: Parameters<typeof nameOf>[0]): string => `${namespaceOf(pod)}/${nameOf(pod)}`

function podCauses(cluster: Cluster, injector: Injector): readonly Cause[] {
  const revision = revisionBehind(cluster, injector)
  if (revision === undefined || injector.service === undefined) return []
  if (cluster.unread('Pod', injector.service.namespace) !== undefined) return []
  const pods = injectorPods(cluster, revision)
  if (pods.some(isReady)) return []
  const server = serverTitle(injector)
  return [
    {
      code: 'not-running',
      text:
        pods.length === 0
          ? { en: `no Pod runs behind ${server}`, zh: `${server} 后面没有运行中的 Pod` }
          : { en: `no Pod behind ${server} is ready`, zh: `${server} 后面没有就绪的 Pod` },
      evidence: [
        ...pods.slice(0, 3).map((pod) => ({
          object: { apiVersion: 'v1', kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod) },
          path: 'status.conditions[Ready]',
          value: 'False',
        })),
        ...(pods.length > 0
          ? []
          : workloadsBehind(cluster, injector).map(({ object }) => ({ object, path: 'Pods', value: 0 }))),
      ],
    },
  ]
}

/** proa's injector says in an Event what keeps it from writing. */
function reportedCauses(cluster: Cluster, { configuration }: Injector): readonly Cause[] {
  const event = eventsAbout(cluster, 'MutatingWebhookConfiguration', '', configuration).find(
    ({ type, message }) => type === 'Warning' && /caBundle/i.test(message),
  )
  if (event === undefined) return []
  return [
    {
      code: FORBIDDEN.test(event.message) ? 'not-permitted' : 'reported',
      text: { en: `the injector reports: ${event.message}`, zh: `注入器报告：${event.message}` },
      evidence: [{ path: 'events[0].message', value: event.message }],
    },
  ]
}

function writerCause(entries: readonly Injector[]): Cause | undefined {
  const [first] = entries
  const writer =
    first &&
    bundleWriters(first.object).find(
      ({ index, manager }) => entries.some((one) => one.index === index) && isGitOps(manager),
    )
  if (writer === undefined) return undefined
  return {
    code: 'overwritten',
    text: {
      en: `${writer.manager} owns the field and may have emptied it`,
      zh: `${writer.manager} 拥有该字段，可能将其清空`,
    },
    evidence: [{ path: writer.path, value: writer.manager }],
  }
}
