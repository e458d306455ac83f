import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import { labelNamespace } from '../../fixes/label-namespace.ts'
import { leftToPeople } from '../../fixes/patch-object.ts'
import type { Text } from '../../language.ts'
import {
  type PodSecurityLevel,
  type PodSecurityViolation,
  podSecurityViolations,
  violationsText,
} from '../../pod-security/index.ts'
import { effectivePod, renderedOf } from '../../subjects/rendered.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject, subjects, subjectsIn, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { namespaceName } from '../../subjects/wishes.ts'
import { asOne } from './one-cause.ts'
import { securityRefusals } from './pod-refusals.ts'
import { refused } from './pod-security-refused.ts'
import { injectedNames } from './proxied.ts'
import { templateChange } from './template-change.ts'

const ENFORCE = 'pod-security.kubernetes.io/enforce'

export const INJ310: Check = {
  id: 'INJ310',
  severity: 'error',
  category: 'pod',
  scope: 'workload',
  needs: ['Pod', 'Namespace'],
  templates: 'rendered',
  uses: ['Event', 'Deployment', 'ReplicaSet', 'ConfigMap', 'MutatingWebhookConfiguration'],
  title: { en: 'The Pod with its sidecar may not be created', zh: '带 sidecar 的 Pod 不允许创建' },
  looksAt: {
    en: `The Pod as it is after injection, against the Pod Security Standards of the level in the label ${ENFORCE} of its namespace (and of the version in ${ENFORCE}-version), rule by rule; and what API servers, OpenShift's security context constraints and policy engines (Kyverno, Gatekeeper) said when they refused Pods. It says whether the application or the injected part breaks a rule.`,
    zh: `注入后的 Pod 是否符合其命名空间标签 ${ENFORCE} 指定级别（及 ${ENFORCE}-version 指定版本）的 Pod 安全标准，逐条检查；以及 API server、OpenShift 的 SCC 和策略引擎（Kyverno、Gatekeeper）拒绝 Pod 时的消息。并指出违规的是应用本身还是注入的部分。`,
  },
  why: {
    en: 'Policies look at the Pod after the injection. istio-init needs NET_ADMIN, NET_RAW and root, which neither baseline nor restricted allows: the workload gets no Pods, and only events of its ReplicaSet say so.',
    zh: '策略检查的是注入之后的 Pod。istio-init 需要 NET_ADMIN、NET_RAW 和 root，而 baseline 和 restricted 都不允许：工作负载没有 Pod，只有 ReplicaSet 的事件会说明原因。',
  },
  remedy: {
    en: 'Use the CNI plugin, so that no container needs these rights, or let the namespace allow them.',
    zh: '使用 CNI 插件，使任何容器都不需要这些权限；或放宽命名空间的级别。',
  },
  references: ['istio/istio#35894', 'istio/istio#11571', 'istio/istio#54968', 'kubernetes/kubernetes#115396'],
  run: (cluster) => {
    const simulated = enforcing(cluster).flatMap((namespace) =>
      subjectsIn(cluster, namespace.name).flatMap((subject) => simulate(cluster, subject, namespace)),
    )
    const known = new Set(simulated.map(({ subject }) => subject))
    return [
      ...grouped(cluster, simulated),
      ...subjects(cluster)
        .filter((subject) => !known.has(subject))
        .flatMap((subject) => refused(cluster, subject)),
    ]
  },
}

interface EnforcingNamespace {
  readonly name: string
  readonly level: PodSecurityLevel
  readonly version: string
  readonly minor: number
}

/** Namespaces whose label makes the API server refuse Pods. */
const enforcing: (cluster: Cluster) => readonly EnforcingNamespace[] = remembered((cluster) =>
  [...namespaceLabels(cluster)].flatMap(([name, labels]) => {
    const level = Object.hasOwn(labels, ENFORCE) ? labels[ENFORCE] : undefined
    if (level !== 'baseline' && level !== 'restricted') return []
    const version = labels[`${ENFORCE}-version`] ?? 'latest'
    return [{ name, level, version, minor: minorOf(cluster, version) }]
  }),
)

/** `latest` is the version of the API server, and so is what it cannot read. */
function minorOf(cluster: Cluster, version: string): number {
  const minor = /^v1\.(\d{1,4})$/.exec(version)?.[1]
  const own = /^v?1\.(\d{1,4})/.exec(cluster.snapshot.kubernetesVersion ?? '')?.[1]
  const newest = own === undefined ? Number.POSITIVE_INFINITY : Number(own)
  return minor === undefined ? newest : Math.min(Number(minor), newest)
}

interface Simulated {
  readonly subject: Subject
  readonly namespace: EnforcingNamespace
  readonly pod: JsonObject
  readonly all: readonly PodSecurityViolation[]
  /** Those that what was injected has a part in. */
  readonly injected: readonly PodSecurityViolation[]
  /** Those that the application has a part in. */
  readonly own: readonly PodSecurityViolation[]
}

function simulate(cluster: Cluster, subject: Subject, namespace: EnforcingNamespace): readonly Simulated[] {
  const { expected } = verdictOf(cluster, subject)
  if (expected !== 'injected' && expected !== 'unknown') return []
  const violations = (pod: JsonObject): readonly PodSecurityViolation[] =>
    podSecurityViolations(pod, namespace.level, namespace.minor)
  // A live Pod has what other webhooks did to it as well. Where it keeps the level, so will the next one.
  const effective = effectivePod(cluster, subject)?.pod
  if (effective === undefined || violations(effective).length === 0) return []
  const next = expected === 'injected' ? renderedOf(cluster, subject) : undefined
  const pod = next?.outcome === 'injected' ? next.pod : effective
  const all = violations(pod)
  if (all.length === 0) return []
  const sidecar = sidecarOf(pod)
  const names = new Set([...injectedNames(sidecar, 'containers'), ...injectedNames(sidecar, 'initContainers')])
  const volumes = injectedNames(sidecar, 'volumes')
  const alone = podSecurityViolations(subject.template, namespace.level, namespace.minor)
  const injected = all.filter(
    ({ by }) => by.containers.some((name) => names.has(name)) || by.volumes.some((name) => volumes.has(name)),
  )
  const own = all.filter(
    ({ by, control }) =>
      by.containers.some((name) => !names.has(name)) ||
      by.volumes.some((name) => !volumes.has(name)) ||
      (by.pod && alone.some((one) => one.control === control)),
  )
  return [{ subject, namespace, pod, all, injected, own }]
}

function finding(cluster: Cluster, one: Simulated): Found {
  const { subject, namespace, all, own, injected } = one
  const refusal = securityRefusals(cluster).get(subject)
  const seen = refusal?.code === 'pod-security' ? refusal : undefined
  const blame = blameText(one)
  const running = livePods(subject).length > 0
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `Pods of ${titleOf(subject)} violate the Pod Security level "${namespace.level}" of the namespace ${namespace.name}, ${blame.en}: ${violationsText(all)}`,
      zh: `${titleOf(subject)} 的 Pod 违反命名空间 ${namespace.name} 的 Pod 安全级别 "${namespace.level}"，${blame.zh}：${violationsText(all)}`,
    },
    ...(running && seen === undefined
      ? {
          meaning: {
            en: 'The Pods that there are stay; the next one is refused, unless the API server exempts the namespace, the user or the runtime class.',
            zh: '现有 Pod 会保留；下一个 Pod 会被拒绝，除非 API server 豁免了该命名空间、用户或 runtime class。',
          },
        }
      : {}),
    evidence: [
      { object: namespaceName(namespace.name), path: `metadata.labels["${ENFORCE}"]`, value: namespace.level },
      ...(namespace.version === 'latest'
        ? []
        : [
            {
              object: namespaceName(namespace.name),
              path: `metadata.labels["${ENFORCE}-version"]`,
              value: namespace.version,
            },
          ]),
      ...violationEvidence(injected, { en: 'injected', zh: '注入的部分' }),
      ...violationEvidence(
        own.filter((violation) => !injected.includes(violation)),
        { en: 'application', zh: '应用本身' },
      ),
      ...(seen === undefined ? [] : [seen.sighting.evidence]),
    ],
    confidence: seen === undefined ? 'likely' : 'certain',
    fix: fixOf(one),
  }
}

/** The level of a namespace and istio-init are one cause; what else applications do is the matter of each. */
function grouped(cluster: Cluster, simulated: readonly Simulated[]): CheckOutcome[] {
  const groups = Map.groupBy(simulated, (one) => (isOfInit(one) ? one.namespace.name : one))
  return [...groups.values()].flatMap((group) => {
    const found = group.map((one) => finding(cluster, one))
    return asOne(found, (first, names) => together(group, first, names))
  })
}

function together(group: readonly Simulated[], first: Found, names: Found['message']): Found {
  const loosest = group.find((one) => lowestLevel(one) === 'privileged') ?? group[0]
  if (loosest === undefined) return first
  const { name, level } = loosest.namespace
  return {
    ...first,
    object: namespaceName(name),
    message: {
      en: `Pods of ${group.length} workloads violate the Pod Security level "${level}" of the namespace ${name} by what is injected: ${names.en}`,
      zh: `${group.length} 个工作负载的 Pod 因注入的部分违反命名空间 ${name} 的 Pod 安全级别 "${level}"：${names.zh}`,
    },
    fix: fixOf(loosest),
  }
}

function violationEvidence(violations: readonly PodSecurityViolation[], label: Text): readonly Evidence[] {
  return violations.map(({ control, detail }) => ({ path: control, value: detail, label }))
}

function blameText({ own, injected }: Simulated): Text {
  if (injected.length === 0) return { en: 'by the application itself', zh: '违规来自应用本身' }
  return own.length === 0
    ? { en: 'by what was injected', zh: '违规来自注入的部分' }
    : { en: 'by the application and by what was injected', zh: '应用和注入的部分都有违规' }
}

/** Rules about what istio-init is: a root with the right to change the network. */
const OF_INIT: ReadonlySet<string> = new Set([
  'capabilities_baseline',
  'capabilities_restricted',
  'runAsNonRoot',
  'runAsUser',
  'privileged',
  'allowPrivilegeEscalation',
])

function isOfInit({ injected }: Simulated): boolean {
  return injected.some(({ control, by }) => OF_INIT.has(control) && by.containers.includes('istio-init'))
}

function fixOf(one: Simulated): Fix {
  const { subject, namespace, all, injected, own } = one
  if (all.every(({ control }) => control === 'seccompProfile_restricted')) {
    return templateChange(
      subject,
      {
        en: 'Set the seccomp profile of the whole Pod to RuntimeDefault; it then holds for the sidecar too',
        zh: '将整个 Pod 的 seccomp profile 设为 RuntimeDefault，sidecar 也随之生效',
      },
      { spec: { securityContext: { seccompProfile: { type: 'RuntimeDefault' } } } },
    )
  }
  if (injected.length === 0) {
    return {
      text: {
        en: `Change the securityContext of the application: ${violationsText(own)}`,
        zh: `修改应用的 securityContext：${violationsText(own)}`,
      },
      commands: [],
      changes: [],
    }
  }
  const level = lowestLevel(one)
  return {
    text: isOfInit(one) ? cniText(namespace.name, level, own) : levelText(namespace.name, level),
    ...leftToPeople(labelNamespace(namespace.name, { [ENFORCE]: level })),
  }
}

/** The strictest level that lets the Pod pass. */
function lowestLevel({ pod, namespace }: Simulated): PodSecurityLevel {
  return podSecurityViolations(pod, 'baseline', namespace.minor).length === 0 ? 'baseline' : 'privileged'
}

function cniText(namespace: string, level: PodSecurityLevel, own: readonly PodSecurityViolation[]): Text {
  const install = 'istioctl install --set components.cni.enabled=true'
  const also =
    own.length === 0
      ? { en: '', zh: '' }
      : { en: ' (the application then has to keep the level itself)', zh: '（应用自身仍须符合该级别）' }
  return {
    en: `Best: install the CNI plugin (${install}), which sets the rules from outside, so that istio-init is not needed${also.en}. Otherwise let the namespace ${namespace} allow it: level ${level}, which then holds for everybody's Pods there`,
    zh: `最佳做法：安装 CNI 插件（${install}），由它在 Pod 之外设置规则，不再需要 istio-init${also.zh}。否则放宽命名空间 ${namespace}：级别 ${level}，这会对其中所有 Pod 生效`,
  }
}

function levelText(namespace: string, level: PodSecurityLevel): Text {
  return {
    en: `Let the namespace ${namespace} allow what the sidecar needs: level ${level}, which then holds for everybody's Pods there`,
    zh: `让命名空间 ${namespace} 允许 sidecar 所需的权限：级别 ${level}，这会对其中所有 Pod 生效`,
  }
}
