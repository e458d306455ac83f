import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Confidence, Evidence, Fix } from '../../finding.ts'
import { allSteps } from '../../fixes/patch-object.ts'
import { restartFix } from '../../fixes/restart.ts'
import { type Difference, differencesOf } from '../../subjects/difference.ts'
import { type Subject, subjects, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { namespaceName } from '../../subjects/wishes.ts'

export const INJ253: Check = {
  id: 'INJ253',
  severity: 'error',
  category: 'policy',
  scope: 'workload',
  needs: ['Pod', 'Namespace', 'MutatingWebhookConfiguration'],
  uses: ['Event', 'ConfigMap'],
  title: { en: 'Pods without sidecar: the webhook failed open', zh: 'Pod 没有 sidecar：webhook 失败时放行' },
  looksAt: {
    en: 'Pods that run without a sidecar although a new Pod of the same workload would get one, and that were there neither before the webhook nor before a label (INJ119): an API server let them through because failurePolicy is Ignore.',
    zh: '没有 sidecar 的运行中 Pod，而同一工作负载的新 Pod 会有，且它们并非早于 webhook 或标签（INJ119）：是 failurePolicy 为 Ignore 时 API server 放行的。',
  },
  why: {
    en: 'They run outside of the mesh: no mTLS, no policies, no telemetry; under STRICT mTLS others refuse them. Nothing repairs them until they are created anew.',
    zh: '它们运行在网格之外：没有 mTLS、策略和遥测；在 STRICT mTLS 下会被其他服务拒绝。重新创建之前不会自行恢复。',
  },
  remedy: {
    en: 'Get the injector to answer, restart the workloads one after the other, and put a guard behind the webhook (INJ252).',
    zh: '先让注入器恢复响应，再逐个重启工作负载，并为 webhook 添加兜底策略（INJ252）。',
  },
  references: ['istio/istio#3716', 'istio/istio#7866', 'istio/istio#17497', 'istio/istio#48321'],
  run: (cluster) => {
    const naked = subjects(cluster).flatMap((subject): Naked[] => {
      const difference = differencesOf(cluster, subject).find(({ kind }) => kind === 'failed-open')
      return difference === undefined ? [] : [{ subject, difference }]
    })
    const groups = Map.groupBy(naked, ({ subject }) => subject.namespace)
    return [...groups].flatMap(([namespace, group]) =>
      group.length > MOST_SINGLE ? [together(cluster, namespace, group)] : group.map((one) => single(cluster, one)),
    )
  },
}

interface Naked {
  readonly subject: Subject
  readonly difference: Difference
}

/** More workloads of one namespace are one finding: one outage made them all. */
const MOST_SINGLE = 3
/** More are not written down one by one. */
const MOST_RESTARTS = 20
const MOST_SHOWN = 10

function single(cluster: Cluster, { subject, difference }: Naked): CheckOutcome {
  const { object } = subject
  const count = difference.pods.length
  return {
    outcome: 'found',
    object,
    ...revisionOf(cluster, subject),
    message: {
      en: `${count} ${count === 1 ? 'Pod' : 'Pods'} of ${titleOf(subject)} should have a sidecar and ${count === 1 ? 'has' : 'have'} none: ${difference.because.en}`,
      zh: `${titleOf(subject)} 的 ${count} 个 Pod 应有 sidecar 却没有：${difference.because.zh}`,
    },
    evidence: difference.evidence,
    confidence: difference.confidence,
    fix: restartFix(cluster, subject, FIRST),
  }
}

const FIRST = { en: 'When the injector answers again: ', zh: '待注入器恢复响应后：' }

function revisionOf(cluster: Cluster, subject: Subject): { readonly revision?: string } {
  const name = verdictOf(cluster, subject).revision?.name
  return name === undefined ? {} : { revision: name }
}

function together(cluster: Cluster, namespace: string, group: readonly Naked[]): CheckOutcome {
  const [first] = group
  const pods = group.reduce((sum, { difference }) => sum + difference.pods.length, 0)
  return {
    outcome: 'found',
    object: namespaceName(namespace),
    ...(first === undefined ? {} : revisionOf(cluster, first.subject)),
    message: {
      en: `${pods} Pods of ${group.length} workloads in namespace ${namespace} should have a sidecar and have none: ${first?.difference.because.en ?? ''}`,
      zh: `命名空间 ${namespace} 中 ${group.length} 个工作负载的 ${pods} 个 Pod 应有 sidecar 却没有：${first?.difference.because.zh ?? ''}`,
    },
    evidence: [...(first?.difference.evidence ?? []), ...group.slice(0, MOST_SHOWN).map(workloadEvidence)],
    confidence: group.every(({ difference }) => difference.confidence === 'certain') ? 'certain' : LIKELY,
    fix: plan(cluster, group),
  }
}

const LIKELY: Confidence = 'likely'

function workloadEvidence({ subject, difference }: Naked): Evidence {
  return {
    object: subject.object,
    path: 'Pods without sidecar',
    value: difference.pods.length,
  }
}

/** A plan of restarts. */
function plan(cluster: Cluster, group: readonly Naked[]): Fix {
  const restarts = group.slice(0, MOST_RESTARTS).map(({ subject }) => restartFix(cluster, subject))
  const rest = group.length - restarts.length
  const more =
    rest > 0 ? { en: `; then ${rest} more workloads`, zh: `；随后还有 ${rest} 个工作负载` } : { en: '', zh: '' }
  return {
    text: {
      en: `When the injector answers again, restart the workloads one after the other${more.en}`,
      zh: `待注入器恢复响应后，逐个重启工作负载${more.zh}`,
    },
    ...allSteps(...restarts),
  }
}
