import { describeReason } from '@proa/injector'
import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix, Found } from '../../finding.ts'
import type { Text } from '../../language.ts'
import { isIgnored } from '../../mesh/namespace-verdicts.ts'
import { isTrueAt } from '../../reading.ts'
import type { Subject } from '../../subjects/subjects.ts'
import { summaryOf } from '../../subjects/trace-summary.ts'
import { type Verdict, verdictOf } from '../../subjects/verdict.ts'
import { type Wish, wishesOf } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { flip } from './flip.ts'
import { traceEvidence } from './trace-evidence.ts'
import { failedRequirement } from './webhook-evidence.ts'

export const INJ100: Check = {
  id: 'INJ100',
  severity: 'info',
  category: 'decision',
  scope: 'workload',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Namespace', 'Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'Verdict: injected or not, and why', zh: '结论：是否注入及原因' },
  looksAt: {
    en: 'Each workload: which webhook the API server would call for its next Pod and what the injector would decide, rule by rule; what its Pods have now; and what was asked for. It is told of a workload that is asked about, and of any whose request is not met for a reason that no other check names.',
    zh: '每个工作负载：API server 会为其下一个 Pod 调用哪个 webhook、注入器逐条规则的决定、现有 Pod 的实际状态，以及请求的内容。仅在指明某个工作负载时，或其请求未被满足且没有其他检查能说明原因时才会报告。',
  },
  why: {
    en: 'Selectors of several webhooks, labels of the namespace and the Pod and the configuration of the injector decide together; none of them alone shows the result.',
    zh: '多个 webhook 的选择器、命名空间和 Pod 的标签以及注入器配置共同决定结果，单看其中任何一项都无法得知。',
  },
  remedy: {
    en: 'The finding names the smallest change that turns the verdict round.',
    zh: '结论会给出改变结果所需的最小改动。',
  },
  references: ['istio/istio#38299', 'istio/istio#29974'],
  run: (cluster) => forSubjects(cluster, (subject) => [summary(cluster, subject)]),
}

/** Thousands of workloads are as they should be, and nobody reads their traces; what is costly is worked out when read. */
function summary(cluster: Cluster, subject: Subject): CheckOutcome {
  const verdict = verdictOf(cluster, subject)
  const [wish] = wishesOf(cluster, subject)
  const unmet = wish?.wants === true && verdict.expected !== 'injected' && verdict.expected !== 'unknown'
  const unexplained = unmet && !isExplained(cluster, subject, verdict)
  const found: Omit<Found, 'message' | 'evidence'> = {
    outcome: 'found',
    object: subject.object,
    confidence: verdict.expected === 'unknown' ? 'cannot-tell' : 'certain',
    ...(unexplained ? { severity: 'warn' } : { routine: true }),
  }
  return lazily(found, {
    message: () => message(cluster, subject, verdict, wish),
    evidence: () => [...(wish === undefined ? [] : [wish.evidence]), ...traceEvidence(cluster, subject, verdict)],
    // What is as it should be is told how to be changed, and not changed by the program itself.
    fix: () => withoutChanges(flip(cluster, subject, verdict), !unexplained),
  })
}

interface Costly {
  readonly message: () => Text
  readonly evidence: () => readonly Evidence[]
  readonly fix: () => Fix | undefined
}

function lazily(found: Omit<Found, 'message' | 'evidence'>, { message, evidence, fix }: Costly): Found {
  let repair: { readonly fix: Fix | undefined } | undefined
  let made: { readonly message: Text; readonly evidence: readonly Evidence[] } | undefined
  const texts = () => {
    made ??= { message: message(), evidence: evidence() }
    return made
  }
  const lazy = {
    ...found,
    get message() {
      return texts().message
    },
    get evidence() {
      return texts().evidence
    },
    get fix() {
      repair ??= { fix: fix() }
      return repair.fix
    },
  }
  return lazy as Found
}

function withoutChanges(fix: Fix | undefined, isRoutine: boolean): Fix | undefined {
  return fix === undefined || !isRoutine ? fix : { ...fix, changes: [] }
}

function message(cluster: Cluster, subject: Subject, verdict: Verdict, wish: Wish | undefined): Text {
  const { en, zh } = summaryOf(cluster, subject, verdict)
  const reason = verdict.decision?.reason
  const why =
    reason === undefined
      ? { en: '', zh: '' }
      : { en: ` Why: ${describeReason(reason, 'en')}.`, zh: `原因：${describeReason(reason, 'zh')}。` }
  const judged = judgement(verdict, wish)
  return { en: `${en}${why.en} ${judged.en}`, zh: `${zh}${why.zh}${judged.zh}` }
}

function judgement({ expected }: Verdict, wish: Wish | undefined): Text {
  if (expected === 'unknown') return { en: 'Whether that is meant cannot be told.', zh: '无法判断是否符合预期。' }
  const injected = expected === 'injected'
  if (wish === undefined) {
    return injected
      ? { en: 'No label asks for it: a setting of the mesh does.', zh: '没有标签请求注入：由网格级设置决定。' }
      : { en: 'That is expected: nobody asks for a sidecar.', zh: '符合预期：没有人请求 sidecar。' }
  }
  const { path, object } = wish.evidence
  const value = JSON.stringify(wish.evidence.value)
  const whose = object?.kind === 'Namespace' ? object.name : undefined
  const where = {
    en: whose === undefined ? path : `${path} of namespace ${whose}`,
    zh: whose === undefined ? path : `命名空间 ${whose} 的 ${path}`,
  }
  return injected === wish.wants
    ? { en: `That is expected: ${where.en} is ${value}.`, zh: `符合预期：${where.zh} 为 ${value}。` }
    : { en: `That is unexpected: ${where.en} is ${value}.`, zh: `不符合预期：${where.zh} 为 ${value}。` }
}

/** Whether one of the other checks has this cause for its subject. */
function isExplained(cluster: Cluster, subject: Subject, { webhooks, decision }: Verdict): boolean {
  // INJ101, INJ102 and what the injector decides: INJ112, INJ114–INJ116.
  if (decision !== undefined || isIgnored(cluster, subject.namespace)) return true
  if (isTrueAt(subject.template, 'spec', 'hostNetwork')) return true
  // INJ120: no injector. INJ105, INJ107, INJ111, INJ121: findings of the engine.
  if (webhooks.outcome === 'not-installed' || webhooks.findings.some(({ code }) => code !== 'request-refused'))
    return true
  if (webhooks.outcome === 'refused') return webhooks.findings.some(({ params }) => isCondition(params.reason ?? ''))
  return !webhooks.injectors.some(
    (one) => !one.injector.deactivated && failedRequirement(one, 'objectSelector') !== undefined && onlyObject(one),
  )
}

/** INJ124. */
const isCondition = (reason: string): boolean => reason.startsWith('match-condition')

/** INJ103 tells of namespaces, INJ123 of rules. What is left is a webhook that takes the namespace and not the Pod. */
function onlyObject({ verdict }: Parameters<typeof failedRequirement>[0]): boolean {
  return verdict.steps.every(({ id, outcome }) => id === 'objectSelector' || outcome !== 'fail')
}
