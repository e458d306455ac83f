import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { restartFix } from '../../fixes/restart.ts'
import { nameOf, objectsAt, textAt } from '../../reading.ts'
import { differencesOf } from '../../subjects/difference.ts'
import { type Subject, titleOf } from '../../subjects/subjects.ts'
import { activeSubjectsIn, forSubjects } from './active-subjects.ts'

export const INJ137: Check = {
  id: 'INJ137',
  severity: 'warn',
  category: 'decision',
  scope: 'namespace',
  needs: ['Namespace'],
  uses: ['Pod', 'MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'The namespace is being deleted, or was too new', zh: '命名空间正在删除，或刚刚创建' },
  looksAt: {
    en: 'Namespaces that are being deleted and still have workloads; Pods without a sidecar that were created within ten seconds after their namespace got its label or the webhook was created.',
    zh: '正在删除但仍有工作负载的命名空间；在命名空间得到标签或 webhook 创建后十秒内创建、且没有 sidecar 的 Pod。',
  },
  why: {
    en: 'No Pod can be created in a namespace that is being deleted. And each API server goes by the webhooks and labels that it has heard of, which takes a moment.',
    zh: '正在删除的命名空间中无法创建 Pod。此外，每个 API server 依据其已获知的 webhook 与标签工作，这需要一点时间。',
  },
  remedy: {
    en: 'Let the deletion come to its end; make Pods anew that were created too early.',
    zh: '等待删除完成；重建过早创建的 Pod。',
  },
  run: (cluster) => [
    ...cluster.all('Namespace').flatMap((namespace) => terminating(cluster, namespace)),
    ...(cluster.unread('Pod') === undefined ? forSubjects(cluster, (subject) => raced(cluster, subject)) : []),
  ],
}

function terminating(cluster: Cluster, namespace: JsonObject): readonly CheckOutcome[] {
  const since = textAt(namespace, 'metadata', 'deletionTimestamp')
  const phase = textAt(namespace, 'status', 'phase')
  const name = nameOf(namespace)
  const workloads = activeSubjectsIn(cluster, name)
  if ((since === '' && phase !== 'Terminating') || workloads.length === 0) return []
  const remaining = objectsAt(namespace, 'status', 'conditions')
    .map((condition, index) => ({ condition, index }))
    .filter(({ condition }) => condition.status === 'True' && textAt(condition, 'message') !== '')
  const stuck = remaining.map(({ condition }) => textAt(condition, 'message')).join('; ')
  return [
    {
      outcome: 'found',
      object: objectName(namespace),
      message: {
        en: `Namespace ${name} is being deleted${since === '' ? '' : ` since ${since}`}: no Pods can be created for its ${workloads.length} workload${workloads.length === 1 ? '' : 's'}`,
        zh: `命名空间 ${name} ${since === '' ? '' : `自 ${since} 起`}正在删除：无法再为其中的 ${workloads.length} 个工作负载创建 Pod`,
      },
      evidence: [
        ...(since === '' ? [] : [{ path: 'metadata.deletionTimestamp', value: since }]),
        { path: 'status.phase', value: phase },
        ...remaining.map(({ condition, index }) => ({
          path: `status.conditions[${index}].message`,
          value: textAt(condition, 'message'),
        })),
      ],
      confidence: 'certain',
      fix: {
        ...NO_STEP,
        text:
          stuck === ''
            ? {
                en: 'Wait for the end of the deletion, then create the namespace again',
                zh: '等待删除完成后再重新创建命名空间',
              }
            : { en: `Remove what holds the deletion up: ${stuck}`, zh: `清除阻碍删除的内容：${stuck}` },
      },
    },
  ]
}

function raced(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  return differencesOf(cluster, subject).flatMap((difference): readonly CheckOutcome[] => {
    if (difference.kind !== 'raced') return []
    return [
      {
        outcome: 'found',
        object: subject.object,
        message: {
          en: `The Pod of ${titleOf(subject)} has no sidecar: ${difference.because.en}`,
          zh: `${titleOf(subject)} 的 Pod 没有 sidecar：${difference.because.zh}`,
        },
        evidence: difference.evidence,
        confidence: difference.confidence,
        fix: restartFix(cluster, subject),
      },
    ]
  })
}
