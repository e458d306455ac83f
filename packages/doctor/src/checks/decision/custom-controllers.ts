import { apiGroup, type JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, controllerOf } from '../../cluster/cluster.ts'
import type { CheckOutcome, ObjectName } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { objectTitle } from '../../naming.ts'
import { at, labelOf, textAt } from '../../reading.ts'
import { kindOf } from '../../snapshot/kinds.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateEvidence } from '../../subjects/template-evidence.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { forSubjects } from './active-subjects.ts'
import { INJECT, REVISION } from './keys.ts'
import { podLabelsOf } from './pod-labels-of-kinds.ts'

export const INJ135: Check = {
  id: 'INJ135',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: [],
  uses: [
    'Pod',
    'Deployment',
    'StatefulSet',
    'Rollout',
    'KnativeService',
    'Namespace',
    'MutatingWebhookConfiguration',
    'ConfigMap',
  ],
  title: {
    en: 'A controller of its own makes the Pods, and does not pass the label on',
    zh: 'Pod 由其他控制器创建，标签未传递',
  },
  looksAt: {
    en: 'Workloads that another controller owns (operators, Knative, Argo), and kinds that are not built into Kubernetes: labels sidecar.istio.io/inject and istio.io/rev that stand on the object and not on its Pods.',
    zh: '由其他控制器（operator、Knative、Argo 等）管理的工作负载以及非内置的资源类型：标签 sidecar.istio.io/inject、istio.io/rev 写在对象上而没有出现在其 Pod 上。',
  },
  why: {
    en: 'The controller makes the Pods from a template of its own. A label on its object does not reach them, and a change of the workload that it makes is undone.',
    zh: '控制器按自己的模板创建 Pod。写在资源对象上的标签不会到达 Pod，直接修改它生成的工作负载又会被还原。',
  },
  remedy: {
    en: 'Set the label where the kind keeps the labels of its Pods.',
    zh: '把标签写在该资源类型用于 Pod 标签的字段中。',
  },
  references: ['knative/docs#2073', 'k8ssandra/cass-operator#629'],
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const maker = makerOf(subject)
  if (maker === undefined) return []
  const lost = lostLabels(subject)
  if (lost.length > 0) return [lostOutcome(subject, maker, lost)]
  const place = podLabelsOf(maker)
  // Where its Pods are as they should be there is nothing to tell.
  if (place === undefined || verdictOf(cluster, subject).expected !== 'not-injected') return []
  return [
    {
      outcome: 'found',
      object: subject.object,
      routine: true,
      severity: 'info',
      message: {
        en: `Pods of ${titleOf(subject)} are made by ${objectTitle(maker)}: a label for them goes to ${place}`,
        zh: `${titleOf(subject)} 的 Pod 由 ${objectTitle(maker)} 创建：Pod 标签应写在 ${place}`,
      },
      evidence: [{ path: 'metadata.ownerReferences', value: `${maker.kind} ${maker.name}` }],
      confidence: 'likely',
    },
  ]
}

/** The object that a person edits: the one that owns the workload, or the workload itself when it is of a foreign kind. */
function makerOf(subject: Subject): ObjectName | undefined {
  const { owner, object, namespace } = subject
  const above = owner === undefined || object.kind === 'Pod' ? undefined : controllerOf(owner)
  if (above !== undefined) return referenced(above, namespace)
  if (refersToOther(subject)) return object
  const isKnown = kindOf(object.apiVersion ?? '', object.kind) !== undefined
  return isKnown || object.apiVersion === undefined || object.kind === 'DeploymentConfig' ? undefined : object
}

function referenced(reference: JsonObject, namespace: string): ObjectName {
  const apiVersion = textAt(reference, 'apiVersion')
  return {
    ...(apiVersion === '' ? {} : { apiVersion }),
    kind: textAt(reference, 'kind'),
    namespace,
    name: textAt(reference, 'name'),
  }
}

/** A Rollout may leave its Pods to the template of a Deployment. */
function refersToOther({ owner, templatePath }: Subject): boolean {
  return templatePath.length === 0 && textAt(owner, 'spec', 'workloadRef', 'name') !== ''
}

interface Lost {
  readonly key: string
  readonly value: string
}

/** Labels of the object that its Pods have not. */
function lostLabels({ owner, template, object }: Subject): readonly Lost[] {
  if (owner === undefined || object.kind === 'Pod') return []
  return [INJECT, REVISION].flatMap((key) => {
    const value = labelOf(owner, key)
    return value === undefined || labelOf(template, key) !== undefined ? [] : [{ key, value }]
  })
}

function lostOutcome(subject: Subject, maker: ObjectName, lost: readonly Lost[]): CheckOutcome {
  const labels = lost.map(({ key, value }) => `${key}=${value}`).join(', ')
  const reference = textAt(subject.owner, 'spec', 'workloadRef', 'name')
  const target = reference === '' ? objectTitle(maker) : `Deployment ${reference}`
  const place = reference === '' ? podLabelsOf(maker) : 'spec.template.metadata.labels'
  return {
    outcome: 'found',
    object: subject.object,
    message: {
      en: `The label ${labels} of ${titleOf(subject)} does not reach its Pods: ${reference === '' ? `${objectTitle(maker)} makes them from a template of its own` : `they are made from the template of Deployment ${reference}`}`,
      zh: `${titleOf(subject)} 的标签 ${labels} 不会到达 Pod：${reference === '' ? `Pod 由 ${objectTitle(maker)} 按自己的模板创建` : `Pod 由 Deployment ${reference} 的模板创建`}`,
    },
    evidence: [
      ...lost.map(({ key, value }) => ({ path: `metadata.labels["${key}"]`, value })),
      templateEvidence(subject, 'metadata.labels', at(subject.template, 'metadata', 'labels') ?? {}),
    ],
    confidence: 'certain',
    fix: {
      ...NO_STEP,
      text:
        place === undefined
          ? {
              en: `Set ${labels} where ${objectTitle(maker)} has the labels of its Pods (see the documentation of ${apiGroup(maker.apiVersion) || maker.kind}); a change of ${subject.object.kind} ${subject.name} would be undone`,
              zh: `在 ${objectTitle(maker)} 的 Pod 标签字段中设置 ${labels}（参见 ${apiGroup(maker.apiVersion) || maker.kind} 的文档）；直接修改 ${subject.object.kind} ${subject.name} 会被还原`,
            }
          : {
              en: `Set ${labels} in ${place} of ${target}`,
              zh: `在 ${target} 的 ${place} 中设置 ${labels}`,
            },
    },
  }
}
