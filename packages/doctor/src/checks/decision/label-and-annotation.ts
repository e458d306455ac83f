import type { Check } from '../../check.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { CheckOutcome, Fix } from '../../finding.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { forSubjects } from './active-subjects.ts'
import { type WrittenValue, writtenValues } from './inject-values.ts'
import { INJECT } from './keys.ts'
import { labelFix } from './template-fix.ts'
import { failedRequirements } from './webhook-evidence.ts'

export const INJ110: Check = {
  id: 'INJ110',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: ['Pod', 'Deployment', 'MutatingWebhookConfiguration', 'ConfigMap', 'Namespace'],
  title: {
    en: 'Label and annotation sidecar.istio.io/inject disagree',
    zh: '标签与注解 sidecar.istio.io/inject 不一致',
  },
  looksAt: {
    en: 'The label and the annotation sidecar.istio.io/inject of the same Pod or Pod template, read as the installed release reads them.',
    zh: '同一 Pod 或 Pod 模板的标签和注解 sidecar.istio.io/inject，按已安装版本的规则解读。',
  },
  why: {
    en: 'Only one of them is followed: the label since Istio 1.12, the annotation before. Who changes the other one changes nothing.',
    zh: '只有一个会生效：自 Istio 1.12 起是标签，之前是注解。修改另一个不会有任何效果。',
  },
  remedy: {
    en: 'Keep the label and delete the annotation, which is deprecated.',
    zh: '保留标签，删除已弃用的注解。',
  },
  references: ['istio/istio#39006', 'istio/istio.io#11118'],
  run: (cluster) => forSubjects(cluster, (subject) => disagreement(cluster, subject)),
}

function disagreement(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const { label, annotation, labelWins } = writtenValues(cluster, subject)
  if (label === undefined || annotation === undefined) return []
  const [one, other] = [meaning(label), meaning(annotation)]
  // A value that means nothing has a check of its own.
  if (one === undefined || other === undefined || one === other) return []
  const winner = labelWins ? label : annotation
  const effect = meaning(winner) === true ? { en: 'asks for', zh: '请求' } : { en: 'refuses', zh: '拒绝' }
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)} has the label ${INJECT}: ${quoted(label)} and the annotation ${INJECT}: ${quoted(annotation)}; the ${labelWins ? 'label' : 'annotation'} wins and ${effect.en} a sidecar`,
        zh: `${titleOf(subject)} 的标签 ${INJECT} 为 ${quoted(label)}，注解 ${INJECT} 为 ${quoted(annotation)}；${labelWins ? '标签' : '注解'}优先，即${effect.zh}注入`,
      },
      evidence: [label, annotation].map(({ path, value }) => ({ path, value })),
      fix: keepWinner(subject, labelWins, label, annotation),
      confidence: 'certain',
    },
  ]
}

function keepWinner(subject: Subject, labelWins: boolean, label: WrittenValue, annotation: WrittenValue): Fix {
  const loser = labelWins ? annotation : label
  const text = {
    en: `Delete ${loser.path}, which is not looked at; if it is what is meant, set ${labelWins ? label.path : annotation.path} to ${quoted(loser)} as well`,
    zh: `删除不会被查看的 ${loser.path}；如果它才是本意，还需将 ${labelWins ? label.path : annotation.path} 设为 ${quoted(loser)}`,
  }
  return labelFix(subject, text, { [loser.on]: { [INJECT]: null } })
}

/** Yes or no; undefined where the value says neither. */
function meaning({ reading }: WrittenValue): boolean | undefined {
  if (reading === 'true') return true
  return reading === 'false' ? false : undefined
}

const quoted = ({ value }: WrittenValue): string => JSON.stringify(value)

export const INJ111: Check = {
  id: 'INJ111',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: ['Namespace', 'MutatingWebhookConfiguration'],
  uses: ['Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'Only an annotation asks for the sidecar', zh: '仅用注解请求注入' },
  looksAt: {
    en: 'Pods and Pod templates with the annotation sidecar.istio.io/inject: "true" and no such label, for which no injection webhook is called.',
    zh: '带有注解 sidecar.istio.io/inject: "true" 但没有同名标签，且不会调用任何注入 webhook 的 Pod 和 Pod 模板。',
  },
  why: {
    en: 'The API server chooses webhooks by labels; it never sees annotations. The injector, which would read the annotation, is not asked.',
    zh: 'API server 按标签选择 webhook，看不到注解。会读取注解的注入器根本不会被询问。',
  },
  remedy: { en: 'Write it as a label of the Pod template.', zh: '改为 Pod 模板的标签。' },
  references: ['istio/istio#32853', 'istio/istio#33116'],
  run: (cluster) => forSubjects(cluster, (subject) => unseen(cluster, subject)),
}

function unseen(cluster: Cluster, subject: Subject): CheckOutcome[] {
  const { webhooks } = verdictOf(cluster, subject)
  if (!webhooks.findings.some(({ code }) => code === 'annotation-not-seen')) return []
  const { annotation } = writtenValues(cluster, subject)
  if (annotation === undefined) return []
  const labelPath = annotation.path.replace('metadata.annotations[', 'metadata.labels[')
  const text = {
    en: `Set the label ${labelPath} to "true" in place of the annotation`,
    zh: `将注解改为标签：${labelPath} 设为 "true"`,
  }
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)} asks for a sidecar with the annotation ${INJECT}: "true"; webhooks are chosen by labels only, so no injector is asked`,
        zh: `${titleOf(subject)} 用注解 ${INJECT}: "true" 请求注入；webhook 只按标签选择，因此不会询问注入器`,
      },
      evidence: [
        { path: annotation.path, value: annotation.value },
        { path: labelPath },
        ...failedRequirements(cluster, webhooks.injectors, 'objectSelector'),
        ...failedRequirements(cluster, webhooks.injectors, 'namespaceSelector'),
      ],
      fix: labelFix(subject, text, { labels: { [INJECT]: 'true' }, annotations: { [INJECT]: null } }),
      confidence: 'certain',
    },
  ]
}
