import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { CheckOutcome, Fix, Found } from '../../finding.ts'
import { labelNamespace } from '../../fixes/label-namespace.ts'
import { allSteps } from '../../fixes/patch-object.ts'
import { restartFix } from '../../fixes/restart.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { judge, verdictOf } from '../../subjects/verdict.ts'
import { namespaceName, type Wish, wishesOf } from '../../subjects/wishes.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECT, INJECTION, meantBy } from './keys.ts'
import { withEdits } from './namespace-fix.ts'
import { labelFix } from './template-fix.ts'
import { failedRequirements } from './webhook-evidence.ts'

export const INJ105: Check = {
  id: 'INJ105',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: ['Namespace', 'MutatingWebhookConfiguration'],
  uses: ['Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'The namespace refuses what the Pod asks for', zh: '命名空间拒绝 Pod 请求的注入' },
  looksAt: {
    en: 'Pods and Pod templates with sidecar.istio.io/inject: "true" in namespaces with istio-injection: disabled, and which of the two the webhooks of this cluster listen to.',
    zh: '位于 istio-injection: disabled 命名空间中、带有 sidecar.istio.io/inject: "true" 的 Pod 和 Pod 模板，以及本集群的 webhook 听从其中哪一个。',
  },
  why: {
    en: 'With Istio’s own selectors the namespace wins: none of its webhooks takes a Pod of a namespace that says disabled, whatever the Pod says.',
    zh: '按 Istio 自带的选择器，命名空间优先：对于标记为 disabled 的命名空间，无论 Pod 如何声明，都没有 webhook 会匹配。',
  },
  remedy: {
    en: 'Remove one of the two: the label of the namespace, where its other Pods stay without sidecars all the same, or the request of the Pod.',
    zh: '二者去其一：若命名空间中的其他 Pod 不会因此被注入，可删除命名空间的标签；否则删除 Pod 的请求。',
  },
  references: ['istio/istio#42654'],
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const labels = namespaceLabels(cluster).get(subject.namespace)
  const refusal = labels !== undefined && Object.hasOwn(labels, INJECTION) ? labels[INJECTION] : undefined
  if (labels === undefined || refusal === undefined || meantBy(refusal) !== false) return []
  const wish = wishesOf(cluster, subject).find(({ by }) => by === 'pod-label')
  if (wish?.wants !== true) return []
  const { expected, webhooks } = verdictOf(cluster, subject)
  const podWins = expected === 'injected'
  if (!podWins && webhooks.outcome !== 'none') return []
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: message(subject, refusal, podWins),
      evidence: [
        wish.evidence,
        { object: namespaceName(subject.namespace), path: `metadata.labels["${INJECTION}"]`, value: refusal },
        ...(podWins ? [] : failedRequirements(cluster, webhooks.injectors, 'namespaceSelector', INJECTION)),
      ],
      confidence: 'certain',
      ...(podWins ? { severity: 'info', fix: refuseToo(subject, wish) } : { fix: fix(cluster, subject, wish) }),
    },
  ]
}

function message(subject: Subject, refusal: string, podWins: boolean): Found['message'] {
  const [pod, namespace] = [`${INJECT}: "true"`, `${INJECTION}: ${refusal}`]
  return {
    en: `${titleOf(subject)} asks for a sidecar (${pod}), namespace ${subject.namespace} refuses (${namespace}): ${podWins ? 'the Pod wins and is injected' : 'the namespace wins and no webhook is called'}`,
    zh: `${titleOf(subject)} 请求 sidecar（${pod}），而命名空间 ${subject.namespace} 拒绝（${namespace}）：${podWins ? 'Pod 优先，会被注入' : '命名空间优先，不会调用任何 webhook'}`,
  }
}

/** Without the namespace's label the Pod is heard; that is proposed only where all other Pods stay as they are. */
function fix(cluster: Cluster, subject: Subject, wish: Wish): Fix {
  const edits = { [INJECTION]: null }
  const labels = withEdits(namespaceLabels(cluster).get(subject.namespace) ?? {}, edits)
  const heard = judge(cluster, subject.namespace, subject.template, labels).webhooks.outcome === 'one'
  const others = judge(cluster, subject.namespace, {}, labels).webhooks.outcome
  if (!heard || others !== 'none') return refuseToo(subject, wish)
  const restart = restartFix(cluster, subject)
  return {
    text: {
      en: `Remove ${INJECTION} from the namespace: Pods that ask are then injected, and Pods that say nothing still are not. ${restart.text.en}`,
      zh: `删除命名空间的 ${INJECTION} 标签：此后请求注入的 Pod 会被注入，未声明的 Pod 仍不会被注入。${restart.text.zh}`,
    },
    ...allSteps(labelNamespace(subject.namespace, edits), restart),
  }
}

function refuseToo(subject: Subject, { evidence }: Wish): Fix {
  const text = {
    en: `Remove ${evidence.path}, or deploy the workload to a namespace that is injected`,
    zh: `删除 ${evidence.path}，或把该工作负载部署到会注入的命名空间`,
  }
  return labelFix(subject, text, { labels: { [INJECT]: null } })
}
