import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Found } from '../../finding.ts'
import { kubectl, shellWord } from '../../fixes/kubectl.ts'
import { type Backend, backends } from '../../mesh/backends.ts'
import { type Revision, revisions } from '../../mesh/revisions.ts'
import { nameOf, namespaceOf, objectsAt, textAt } from '../../reading.ts'
import { PROXY_CONTAINER } from '../../subjects/sidecar.ts'
import { type Subject, subjects } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { proxyLog, type ReachProblem, reachProblem } from './agent-log.ts'
import { type ControlPlaneAddress, meshAddress } from './control-plane-address.ts'
import { causeTexts } from './control-plane-reach-texts.ts'
import { type Blocked, blockedBy, blockedFinding, blockedTogether, gotThrough } from './policies-in-the-way.ts'
import { proxyPods } from './proxied.ts'

export const INJ322: Check = {
  id: 'INJ322',
  severity: 'error',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  uses: ['Service', 'NetworkPolicy', 'Namespace', 'ConfigMap', 'MutatingWebhookConfiguration'],
  title: { en: 'The agent cannot reach the control plane', zh: 'agent 无法连接控制平面' },
  looksAt: {
    en: 'What the end of the log of istio-proxy says about its connection to istiod (xDS and certificates); the Service and the port that discoveryAddress names; and whether NetworkPolicies let the Pods out to istiod (port 15012) and to DNS, and into istiod.',
    zh: 'istio-proxy 日志末尾关于与 istiod 连接（xDS 与证书）的内容；discoveryAddress 指向的 Service 与端口；以及 NetworkPolicy 是否允许 Pod 访问 istiod（端口 15012）和 DNS，并允许进入 istiod。',
  },
  why: {
    en: 'Without the control plane a new proxy gets neither certificate nor configuration and never becomes ready; a running one keeps its configuration until its certificate expires.',
    zh: '无法连接控制平面时，新代理得不到证书和配置，永远不会就绪；运行中的代理会沿用旧配置，直到证书过期。',
  },
  remedy: {
    en: 'Open the way that the message names: name resolution, port 15012 in NetworkPolicies and firewalls, the Service of istiod, or the trust in its certificate.',
    zh: '根据消息打通对应环节：域名解析、NetworkPolicy 与防火墙的 15012 端口、istiod 的 Service，或对其证书的信任。',
  },
  references: ['istio/istio#60326', 'istio/istio#26225', 'istio/istio#51663'],
  run: (cluster) => [
    ...missingServices(cluster),
    ...grouped(subjects(cluster).flatMap((subject) => judge(cluster, subject))),
  ],
}

/** A finding, and what is in the way when nothing but policies tells. */
interface Judged {
  readonly subject: Subject
  readonly found: Found
  readonly blocked?: Blocked
}

function judge(cluster: Cluster, subject: Subject): Judged[] {
  const pods = proxyPods(subject)
  for (const pod of pods) {
    const problem = reachProblem(proxyLog(cluster, pod))
    if (problem !== undefined) return [{ subject, found: logged(cluster, subject, pod, problem, pods) }]
  }
  const blocked = blockedBy(cluster, subject, pods[0])
  if (blocked === undefined || pods.some((pod) => gotThrough(pod, blocked.policies))) return []
  return [{ subject, found: blockedFinding(subject, blocked, []), blocked }]
}

/** The policies on the control plane keep out many workloads: that is one finding, and word of it at each. */
function grouped(judged: readonly Judged[]): CheckOutcome[] {
  const groups = Map.groupBy(judged, ({ subject, blocked }) =>
    blocked?.what === 'into-control-plane' ? blocked.policies[0] : subject,
  )
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first?.blocked === undefined || group.length === 1) return group.map(({ found }) => found)
    const subjects = group.map(({ subject }) => subject)
    return [
      blockedTogether(first.found, first.blocked, subjects),
      ...group.map(({ found }): Found => ({ ...found, routine: true })),
    ]
  })
}

function logged(
  cluster: Cluster,
  subject: Subject,
  pod: JsonObject,
  problem: ReachProblem,
  pods: readonly JsonObject[],
): Found {
  const object = { apiVersion: 'v1', kind: 'Pod', namespace: namespaceOf(pod), name: nameOf(pod) }
  const line = { object, path: `logs[${PROXY_CONTAINER}]`, value: problem.line }
  const blocked = problem.cause === 'timeout' || problem.cause === 'dns' ? blockedBy(cluster, subject, pod) : undefined
  if (blocked !== undefined) return blockedFinding(subject, blocked, [line])
  const affected = pods.filter((one) => reachProblem(proxyLog(cluster, one)) !== undefined).length
  const { message, fix } = causeTexts(cluster, subject, pod, problem, [affected, pods.length])
  return { outcome: 'found', object: subject.object, message, evidence: [line], confidence: 'certain', fix }
}

/** A Service that proxies are told to connect to, and that is not there. */
interface Missing {
  readonly revision: Revision
  readonly address: ControlPlaneAddress
  readonly service: JsonObject | undefined
  readonly users: readonly Subject[]
}

/** One finding per Service, however many control planes name it, and word of it at each workload. */
function missingServices(cluster: Cluster): CheckOutcome[] {
  const missing = revisions(cluster).flatMap((revision) => missingOf(cluster, revision) ?? [])
  return [...Map.groupBy(missing, ({ address }) => address.text).values()].flatMap((group) => {
    const users = [...new Set(group.flatMap((one) => one.users))]
    const [first] = group
    if (first === undefined) return []
    const found = noService(first, group, users.length)
    const told = users.map((subject): Found => ({ ...found, object: subject.object, routine: true }))
    // The webhooks call it, too: INJ151 tells, and the repair is the same.
    const isTold = first.service === undefined && backends(cluster).some((one) => isAt(one, first.address))
    return [isTold ? { ...found, routine: true as const } : found, ...told]
  })
}

const isAt = (one: Backend, { namespace, name }: ControlPlaneAddress): boolean =>
  one.service === undefined && one.namespace === namespace && one.name === name

function missingOf(cluster: Cluster, revision: Revision): Missing | undefined {
  const address = meshAddress(revision)
  if (address === undefined || cluster.unread('Service', address.namespace) !== undefined) return undefined
  const service = cluster.find('Service', address.namespace, address.name)
  const ports = objectsAt(service, 'spec', 'ports')
  if (service !== undefined && ports.some((one) => one.port === address.port)) return undefined
  // A manual or a proa installation may inject for a control plane that is not there yet: somebody must use it.
  const users = subjects(cluster).filter((one) => usesRevision(cluster, one, revision))
  return users.length === 0 ? undefined : { revision, address, service, users }
}

function usesRevision(cluster: Cluster, subject: Subject, revision: Revision): boolean {
  if (proxyPods(subject).length === 0) return false
  return verdictOf(cluster, subject).revision === revision
}

function noService({ revision, address, service: found }: Missing, group: readonly Missing[], users: number): Found {
  const { meshConfigMap, name, namespace } = revision
  const { text, port, ...service } = address
  const names = group.map((one) => one.revision.name).join(', ')
  const object = meshConfigMap === undefined ? { kind: 'Service', ...service } : objectName(meshConfigMap)
  const where = { apiVersion: 'v1', kind: 'Service', namespace: service.namespace, name: service.name }
  const what =
    found === undefined
      ? {
          en: `there is no Service ${service.namespace}/${service.name}`,
          zh: `Service ${service.namespace}/${service.name} 不存在`,
        }
      : {
          en: `the Service ${service.namespace}/${service.name} has no port ${port}`,
          zh: `Service ${service.namespace}/${service.name} 没有端口 ${port}`,
        }
  return {
    outcome: 'found',
    object,
    ...(group.length === 1 ? { revision: name } : {}),
    message: {
      en: `Proxies of ${group.length === 1 ? 'revision' : 'revisions'} ${names} (${users} ${users === 1 ? 'workload' : 'workloads'}) connect to ${text}, and ${what.en}`,
      zh: `revision ${names} 的代理（${users} 个工作负载）连接 ${text}，但 ${what.zh}`,
    },
    evidence: [
      {
        ...(meshConfigMap === undefined ? {} : { object }),
        path: 'data.mesh: defaultConfig.discoveryAddress',
        value: text,
      },
      {
        object: where,
        path: found === undefined ? 'metadata.name' : 'spec.ports[*].port',
        ...(found === undefined ? {} : { value: objectsAt(found, 'spec', 'ports').map((one) => one.port ?? null) }),
      },
    ],
    confidence: 'certain',
    fix: {
      text: {
        en: `Install the control plane (istiod) in ${service.namespace}, or correct defaultConfig.discoveryAddress`,
        zh: `在 ${service.namespace} 中安装控制平面（istiod），或修正 defaultConfig.discoveryAddress`,
      },
      commands: [
        `${kubectl(service)} get service ${shellWord(service.name)} -o yaml`,
        `${kubectl({ namespace })} get configmap ${shellWord(textAt(meshConfigMap, 'metadata', 'name') || 'istio')} -o yaml`,
      ],
      changes: [],
    },
  }
}
