import type { ConditionResult, WebhookStep } from '@proa/kube'
import { expressionProblem } from '@proa/kube'
import { matchConditions } from '@proa/manifests'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { type Injector, injectors, injectorTitle } from '../../mesh/injectors.ts'
import { objectAt } from '../../reading.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateEvidence } from '../../subjects/template-evidence.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { wishesOf } from '../../subjects/wishes.ts'
import { activeSubjects } from './active-subjects.ts'
import { entryOf } from './webhook-evidence.ts'

export const INJ124: Check = {
  id: 'INJ124',
  severity: 'warn',
  category: 'decision',
  scope: 'revision',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Namespace', 'Pod', 'Deployment', 'ConfigMap'],
  title: { en: 'Match conditions keep Pods from the injector', zh: 'matchConditions 排除了 Pod' },
  looksAt: {
    en: 'webhooks[].matchConditions of every injection webhook: whether each expression compiles, and which workloads the selectors choose and a condition excludes. Host network, system namespaces, mirror Pods and the injector itself are excluded on purpose.',
    zh: '每个注入 webhook 的 webhooks[].matchConditions：表达式能否编译，以及哪些被选择器选中的工作负载又被条件排除。host network、系统命名空间、mirror Pod 与注入器自身是有意排除的。',
  },
  why: {
    en: 'One condition that is false is enough that the webhook is not called. One that fails lets failurePolicy decide: Fail refuses the Pod, Ignore creates it without a sidecar.',
    zh: '只要有一个条件为 false，webhook 就不会被调用；条件执行出错时由 failurePolicy 决定：Fail 拒绝 Pod，Ignore 则创建没有 sidecar 的 Pod。',
  },
  remedy: { en: 'Correct the expression, or remove the condition.', zh: '修正表达式，或删除该条件。' },
  run: (cluster) => [
    ...injectors(cluster).flatMap(broken),
    ...activeSubjects(cluster).flatMap((one) => excluded(cluster, one)),
  ],
}

function broken(injector: Injector): readonly CheckOutcome[] {
  const { settings, object, index, revision } = injector
  return settings.matchConditions.flatMap(({ name, expression }, position): CheckOutcome[] => {
    const problem = expressionProblem(expression, 'bool')
    if (problem === undefined) return []
    const fails = settings.failurePolicy === 'Fail'
    return [
      {
        outcome: 'found',
        object: objectName(object),
        revision,
        severity: 'error',
        message: {
          en: `The condition ${name} of ${injectorTitle(injector)} does not compile: ${firstLine(problem)}`,
          zh: `${injectorTitle(injector)} 的条件 ${name} 无法编译：${firstLine(problem)}`,
        },
        meaning: fails
          ? {
              en: 'With failurePolicy Fail every Pod that its selectors choose is refused',
              zh: 'failurePolicy 为 Fail，其选择器选中的 Pod 都会被拒绝',
            }
          : {
              en: 'With failurePolicy Ignore its Pods are created without a sidecar',
              zh: 'failurePolicy 为 Ignore，其 Pod 会在没有 sidecar 的情况下创建',
            },
        evidence: [{ path: `webhooks[${index}].matchConditions[${position}].expression`, value: expression }],
        confidence: 'certain',
        fix: {
          ...NO_STEP,
          text: {
            en: `Correct the expression in webhooks[${index}].matchConditions[${position}] of ${injector.configuration}`,
            zh: `修正 ${injector.configuration} 中 webhooks[${index}].matchConditions[${position}] 的表达式`,
          },
        },
      },
    ]
  })
}

/** A workload that the selectors of a webhook choose, and that nobody injects because of a condition. */
function excluded(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const { webhooks } = verdictOf(cluster, subject)
  if (webhooks.outcome !== 'none' && webhooks.outcome !== 'refused') return []
  return webhooks.injectors.flatMap((one): readonly CheckOutcome[] => {
    const step = one.verdict.steps.find(({ id }) => id === 'matchConditions')
    const injector = entryOf(cluster, one)
    const condition = decidingCondition(step)
    if (injector === undefined || condition === undefined) return []
    if (condition.result === 'false' && isByDesign(injector, condition.expression)) return []
    // What does not compile is told of the webhook.
    if (expressionProblem(condition.expression, 'bool') !== undefined) return []
    const asks = wishesOf(cluster, subject).some(({ by, wants }) => wants && by.startsWith('pod-'))
    return [exclusion(subject, injector, condition, { asks, evidence: evidenceOf(step, subject, injector) })]
  })
}

/** Conditions that our own manifests write, wherever the injector runs. */
function isByDesign({ service }: Injector, expression: string): boolean {
  return matchConditions(service?.namespace ?? 'istio-system').some((one) => one.expression === expression)
}

function decidingCondition(step: WebhookStep | undefined): ConditionResult | undefined {
  if (step === undefined || (step.outcome !== 'fail' && step.outcome !== 'reject')) return undefined
  return step.conditions?.find(({ name }) => name === step.params.condition)
}

function exclusion(
  subject: Subject,
  injector: Injector,
  { name, result, message }: ConditionResult,
  { asks, evidence }: { readonly asks: boolean; readonly evidence: readonly Evidence[] },
): CheckOutcome {
  const title = titleOf(subject)
  const refuses = result === 'error' && injector.settings.failurePolicy === 'Fail'
  const fails = `fails${message === undefined ? '' : ` (${firstLine(message)})`}`
  return {
    outcome: 'found',
    object: subject.object,
    revision: injector.revision,
    message: {
      en: `The condition ${name} of ${injectorTitle(injector)} ${result === 'error' ? fails : 'is false'} for ${title}, so ${refuses ? 'its Pods are refused' : 'it gets no sidecar'}`,
      zh: `${injectorTitle(injector)} 的条件 ${name} 对 ${title} ${result === 'error' ? `执行出错${message === undefined ? '' : `（${firstLine(message)}）`}` : '为 false'}，因此${refuses ? '其 Pod 会被拒绝' : '它没有 sidecar'}`,
    },
    evidence,
    confidence: 'certain',
    ...(refuses ? { severity: 'error' as const } : {}),
    // Whoever wrote the condition may have meant just this workload.
    ...(result === 'false' && !asks ? { severity: 'info' as const, routine: true as const } : {}),
    fix: {
      ...NO_STEP,
      text: {
        en: `Change the condition ${name} in ${injector.configuration}, or change ${subject.object.kind} ${subject.name} so that it is true`,
        zh: `修改 ${injector.configuration} 中的条件 ${name}，或修改 ${subject.object.kind} ${subject.name} 使条件成立`,
      },
    },
  }
}

function evidenceOf(step: WebhookStep | undefined, subject: Subject, injector: Injector): readonly Evidence[] {
  const position = step?.conditions?.findIndex(({ name }) => name === step.params.condition) ?? -1
  const expression = step?.conditions?.[position]?.expression
  return [
    {
      object: objectName(injector.object),
      path: `webhooks[${injector.index}].matchConditions[${position}].expression`,
      ...(expression === undefined ? {} : { value: expression }),
    },
    templateEvidence(subject, 'metadata.labels', objectAt(subject.template, 'metadata', 'labels')),
  ]
}

function firstLine(text: string): string {
  return text.split('\n')[0]?.trim() ?? ''
}
