import type { Check } from '../../../check.ts'
import type { Cluster } from '../../../cluster/cluster.ts'
import { type ClusterEvent, eventsAbout } from '../../../cluster/events.ts'
import type { CheckOutcome, Found } from '../../../finding.ts'
import { nameOf, textAt } from '../../../reading.ts'
import { livePods, type Subject } from '../../../subjects/subjects.ts'
import { injectedNames, type Proxied, proxied } from '../proxied.ts'
import { horizontalProblems, verticalProblems } from './autoscalers.ts'
import { containerLimits, type LimitItem, violations } from './limit-range.ts'
import { demand, lacking, type QuotaLine, quotaLines, wantedPods } from './quota.ts'
import { type ContainerRequirements, type Defaults, requirementsOf } from './requirements.ts'
import { exceededFinding, lackingFinding, type Overflow, rangeFinding, shrunkFinding } from './texts.ts'

export const INJ330: Check = {
  id: 'INJ330',
  severity: 'warn',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod'],
  templates: 'rendered',
  uses: [
    'ResourceQuota',
    'LimitRange',
    'HorizontalPodAutoscaler',
    'VerticalPodAutoscaler',
    'Event',
    'Deployment',
    'ConfigMap',
    'MutatingWebhookConfiguration',
    'Namespace',
  ],
  title: {
    en: 'Quotas, limits or autoscalers do not go with the sidecar',
    zh: '配额、限制或自动伸缩与 sidecar 不匹配',
  },
  looksAt: {
    en: 'The Pod with its sidecar against the ResourceQuotas (used and hard, and what they demand of each container) and the LimitRanges of its namespace; HorizontalPodAutoscalers by utilization while the proxy has no request; VerticalPodAutoscalers without a policy for the proxy.',
    zh: '将带 sidecar 的 Pod 与命名空间的 ResourceQuota（used、hard 以及对每个容器的要求）和 LimitRange 对比；代理没有 request 时按利用率伸缩的 HorizontalPodAutoscaler；没有针对代理的策略的 VerticalPodAutoscaler。',
  },
  why: {
    en: 'Quotas and limits count the injected containers, which nobody sees in the Pod template. Pods are then refused, or do not fit, or the proxy gets too little.',
    zh: '配额与限制会计入注入的容器，而 Pod 模板中看不到它们。结果是 Pod 被拒绝、放不下，或代理得到的资源过少。',
  },
  remedy: {
    en: 'Raise the quota or the limit by what the sidecar needs, or set the resources of the sidecar by its annotations.',
    zh: '按 sidecar 的需求提高配额或限制，或通过注解设置 sidecar 的资源。',
  },
  references: ['istio/istio#8553', 'istio/istio#16126', 'istio/istio#21757', 'istio/istio#51187'],
  run: (cluster) => proxied(cluster).flatMap((one) => judge(cluster, one)),
}

function judge(cluster: Cluster, one: Proxied): CheckOutcome[] {
  const { namespace } = one.subject
  const { items: limits, defaults } = containerLimits(cluster, namespace)
  const containers = requirementsOf(one.pod, one.from === 'live' ? undefined : defaults)
  const ours = injectedContainers(one, containers)
  return [
    ...rangeProblems(one, ours, limits),
    ...shrunk(one, defaults, limits),
    ...quotaProblems(cluster, one, containers, new Set(ours.map(({ name }) => name))),
    ...horizontalProblems(cluster, one),
    ...verticalProblems(cluster, one),
  ]
}

function injectedContainers(
  { sidecar }: Proxied,
  containers: readonly ContainerRequirements[],
): readonly ContainerRequirements[] {
  const names = new Set([...injectedNames(sidecar, 'containers'), ...injectedNames(sidecar, 'initContainers')])
  return containers.filter(({ name }) => names.has(name))
}

/** A live Pod was let in, so only what would be made is judged. */
function rangeProblems(
  one: Proxied,
  ours: readonly ContainerRequirements[],
  limits: readonly LimitItem[],
): readonly Found[] {
  if (one.from === 'live') return []
  const found = ours.flatMap((container) => violations(limits, container))
  return found.length === 0 ? [] : [rangeFinding(one, found)]
}

/** What Istio's own chart asks for; with less the proxy is killed as soon as the mesh grows. */
const ENOUGH_MEMORY = 128n * 1024n * 1024n * 1_000_000_000n

/** A limit that only a LimitRange gave. */
function shrunk(one: Proxied, { limits: defaults }: Defaults, limits: readonly LimitItem[]): readonly Found[] {
  const memory = defaults.get('memory')
  if (one.from === 'live' || memory === undefined || memory >= ENOUGH_MEMORY) return []
  const own = requirementsOf(one.pod).find(({ name }) => name === 'istio-proxy')
  if (own === undefined || own.limits.has('memory')) return []
  const item = limits.find((other) => textAt(other.item, 'default', 'memory') !== '')
  return item === undefined ? [] : [shrunkFinding(one, item, memory)]
}

function quotaProblems(
  cluster: Cluster,
  one: Proxied,
  containers: readonly ContainerRequirements[],
  ours: ReadonlySet<string>,
): readonly Found[] {
  const { subject, pod, from } = one
  const lines = quotaLines(cluster, subject.namespace, pod)
  if (lines.length === 0) return []
  const event = quotaEvent(cluster, subject)
  const refused =
    from === 'live'
      ? []
      : lacking(lines, containers).flatMap(([line, names]) => {
          const injected = names.filter((name) => ours.has(name))
          return injected.length === 0 ? [] : [{ line, names: injected }]
        })
  if (refused.length > 0) return [lackingFinding(one, refused, event)]
  const full = isWaiting(subject, from) ? lines.flatMap((line) => overflow(line, one, containers, ours) ?? []) : []
  return full.length === 0 ? [] : [exceededFinding(one, full, event)]
}

/** Pods are missing, or those that there are will be larger when they are made anew. */
function isWaiting(subject: Subject, from: Proxied['from']): boolean {
  const wanted = wantedPods(subject.owner)
  return wanted !== undefined && wanted > 0 && (livePods(subject).length < wanted || from === 'rendered')
}

/** Only what the sidecar has a part in: a quota that is too small without it is no matter of injection. */
function overflow(
  line: QuotaLine,
  { pod }: Proxied,
  containers: readonly ContainerRequirements[],
  ours: ReadonlySet<string>,
): Overflow | undefined {
  const all = demand(line, pod, containers)
  const own = demand(
    line,
    pod,
    containers.filter(({ name }) => !ours.has(name)),
  )
  if (all === undefined || own === undefined || all === own) return undefined
  return line.used + all > line.hard ? { line, pod: all, sidecar: all - own } : undefined
}

/** The API server's refusal, at the object that makes the Pods. */
/** Also of a ReplicaSet that has no Pod because of it. */
function quotaEvent(cluster: Cluster, { object, namespace, name, owner }: Subject): ClusterEvent | undefined {
  const uid = textAt(owner, 'metadata', 'uid')
  const owned = [...cluster.ownedBy('ReplicaSet', uid), ...cluster.ownedBy('Job', uid)]
  const makers: readonly { readonly kind: string; readonly name: string }[] = [
    { kind: object.kind, name },
    ...owned.map((one) => ({ kind: textAt(one, 'kind'), name: nameOf(one) })),
  ]
  return makers
    .flatMap((maker) => eventsAbout(cluster, maker.kind, namespace, maker.name))
    .find(({ reason, message }) => reason === 'FailedCreate' && /exceeded quota|failed quota/.test(message))
}
