import type { Check } from '../../check.ts'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix } from '../../finding.ts'
import { restartFix, resumeRollout } from '../../fixes/restart.ts'
import type { Text } from '../../language.ts'
import { isTrueAt } from '../../reading.ts'
import { type Difference, differencesOf, type OlderThan } from '../../subjects/difference.ts'
import { livePods, type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { wishesOf } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { openInjectors } from './namespace-opt-out.ts'

export const INJ119: Check = {
  id: 'INJ119',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: ['Pod'],
  uses: ['Namespace', 'MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'Pods are older than what decides now', zh: 'Pod 早于当前的注入设置' },
  looksAt: {
    en: 'Running Pods that have no sidecar although a new Pod of the workload would get one (or the other way round), and when they were created: before the label of the namespace, the Pod template, the webhook, or the configuration of the injector.',
    zh: '没有 sidecar、但新建 Pod 会得到 sidecar（或相反）的运行中 Pod，并比较其创建时间与命名空间标签、Pod 模板、webhook、注入器配置的时间。',
  },
  why: {
    en: 'Injection happens only when a Pod is created. Pods that were there before keep what they have, so labelling a namespace seems to do nothing.',
    zh: '注入只发生在 Pod 创建时。已有的 Pod 保持原样，因此给命名空间打标签看起来没有效果。',
  },
  remedy: {
    en: 'Restart the workload. Its new Pods go through the webhook.',
    zh: '重启工作负载，新建的 Pod 会经过 webhook。',
  },
  references: ['IST0103', 'istio/istio#17771', 'istio/istio#22749'],
  run: (cluster) => forSubjects(cluster, (subject) => outcomes(cluster, subject)),
}

function outcomes(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  return differencesOf(cluster, subject).flatMap((difference) =>
    difference.kind === 'older' || difference.kind === 'unexplained' ? [outcome(cluster, subject, difference)] : [],
  )
}

function outcome(cluster: Cluster, subject: Subject, difference: Difference): CheckOutcome {
  const isNaked = verdictOf(cluster, subject).expected === 'injected'
  const rolling = difference.kind === 'older' && difference.than === 'template'
  return {
    outcome: 'found',
    object: subject.object,
    message: messageOf(subject, difference, isNaked),
    evidence: difference.evidence,
    confidence: difference.confidence,
    fix: fixOf(cluster, subject, difference),
    // A sidecar too much does no harm, and a rollout ends by itself.
    ...(isNaked && !rolling ? {} : { severity: 'info' as const }),
    // When a webhook goes, every workload of the cluster is of this kind, and the webhook is what there is to tell of.
    // A restart would give sidecars to whoever never asked for one: INJ104 tells of the selector that takes everybody.
    ...(isNaked && isTakenUnasked(cluster, subject) ? { routine: true as const } : {}),
    ...(!isNaked && difference.kind === 'older' && COMMON.has(difference.than) ? { routine: true as const } : {}),
  }
}

const unasked: (cluster: Cluster) => ReadonlySet<string> = remembered(
  (cluster) => new Set(openInjectors(cluster).flatMap((one) => (one.deliberate ? [] : one.namespaces))),
)

function isTakenUnasked(cluster: Cluster, subject: Subject): boolean {
  return unasked(cluster).has(subject.namespace) && wishesOf(cluster, subject).length === 0
}

const COMMON: ReadonlySet<OlderThan> = new Set<OlderThan>(['something', 'webhook'])

function messageOf(subject: Subject, { pods, because }: Difference, isNaked: boolean): Text {
  const total = livePods(subject).length
  const [some, all] = [pods.length, total === 1 ? 'Its Pod' : `${total} Pods`]
  const en = some === total ? `${all} of` : `${some} of ${total} Pods of`
  const title = titleOf(subject)
  const have = some === 1 ? 'has' : 'have'
  return {
    en: `${en === 'Its Pod of' ? 'The Pod of' : en} ${title} ${have} ${isNaked ? 'no sidecar' : 'a sidecar'}, and a new one would ${isNaked ? 'get it' : 'get none'}: ${because.en}`,
    zh: `${title} 的 ${total} 个 Pod 中有 ${some} 个${isNaked ? '没有' : '带有'} sidecar，而新建的 Pod ${isNaked ? '会有' : '不会有'}：${because.zh}`,
  }
}

function fixOf(cluster: Cluster, subject: Subject, difference: Difference): Fix {
  const { object, owner } = subject
  const isPaused = object.kind === 'Deployment' && isTrueAt(owner, 'spec', 'paused')
  if (difference.kind !== 'older' || difference.than !== 'template' || !isPaused) return restartFix(cluster, subject)
  return {
    text: {
      en: `The rollout of Deployment ${object.name} is paused: resume it`,
      zh: `Deployment ${object.name} 的滚动更新已暂停：恢复它`,
    },
    ...resumeRollout(object),
  }
}
