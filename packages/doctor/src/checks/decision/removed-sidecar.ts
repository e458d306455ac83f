import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { annotationOf, listAt, objectsAt, textAt } from '../../reading.ts'
import { containerNames, laterWebhooks } from '../../subjects/difference/pod-facts.ts'
import { STATUS_ANNOTATION, sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject, titleOf } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'
import { forSubjects } from './active-subjects.ts'

export const INJ133: Check = {
  id: 'INJ133',
  severity: 'warn',
  category: 'decision',
  scope: 'workload',
  needs: ['Pod'],
  uses: ['MutatingWebhookConfiguration', 'Deployment', 'Namespace', 'ConfigMap'],
  title: { en: 'The sidecar was removed or changed after the injection', zh: 'sidecar 在注入之后被移除或修改' },
  looksAt: {
    en: `The annotation ${STATUS_ANNOTATION} of running Pods, which lists what was injected, against the containers, init containers and volumes that they have; and other mutating webhooks that are called for the same Pods.`,
    zh: `运行中 Pod 的注解 ${STATUS_ANNOTATION}（列出注入的内容）与其实际的 containers、initContainers、volumes 对照；以及同样会修改这些 Pod 的其他 mutating webhook。`,
  },
  why: {
    en: 'Another webhook or an operator took a part of the sidecar out before the Pod was stored. Traffic is then not captured, or captured by nobody.',
    zh: '其他 webhook 或 operator 在 Pod 保存之前移除了 sidecar 的一部分，流量因此不被拦截，或被拦截后无人处理。',
  },
  remedy: {
    en: 'Exclude the injected containers in the other webhook, or exclude the workload from it.',
    zh: '在另一个 webhook 中排除注入的容器，或让该工作负载不经过它。',
  },
  references: ['istio/istio#38354', 'istio/istio#36353', 'istio/istio#56102'],
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  // A status that was copied into the template says nothing of this injection.
  if (subject.templatePath.length > 0 && annotationOf(subject.template, STATUS_ANNOTATION) !== undefined) return []
  const all = livePods(subject).flatMap((pod) => {
    const missing = missingParts(pod)
    return missing.length === 0 ? [] : [{ pod, missing }]
  })
  const [first] = all
  if (first === undefined) return []
  const { pod, missing } = first
  const suspects = laterWebhooks(verdictOf(cluster, subject))
  const parts = missing.join(', ')
  const total = livePods(subject).length
  return [
    {
      outcome: 'found',
      object: subject.object,
      message: {
        en: `${titleOf(subject)}: ${total === 1 ? 'its Pod' : `${all.length} of ${total} Pods`} ${all.length === 1 ? 'was' : 'were'} injected, but ${parts} ${missing.length === 1 ? 'is' : 'are'} gone`,
        zh: `${titleOf(subject)}：${total} 个 Pod 中有 ${all.length} 个被注入过，但 ${parts} 已不在其中`,
      },
      evidence: evidenceOf(pod, suspects),
      confidence: 'certain',
      fix: {
        ...NO_STEP,
        text:
          suspects.length === 0
            ? {
                en: 'Find what writes the Pods of this workload after the injector (an operator, or a webhook that was removed since), and exclude the injected parts there',
                zh: '找出在注入器之后修改这些 Pod 的组件（operator 或已删除的 webhook），并在其中排除注入的部分',
              }
            : {
                en: `Check ${suspects.join(', ')}, which also ${suspects.length === 1 ? 'changes' : 'change'} these Pods: exclude the injected parts there, or this workload`,
                zh: `检查同样会修改这些 Pod 的 ${suspects.join('、')}：在其中排除注入的部分或该工作负载`,
              },
      },
    },
  ]
}

const LISTS = ['initContainers', 'containers', 'volumes'] as const

/** What the status annotation lists and the Pod has not. A container may have moved between the two lists. */
function missingParts(pod: JsonObject): readonly string[] {
  const { status, kind } = sidecarOf(pod)
  if (status === undefined || (kind !== 'injected' && kind !== 'marked')) return []
  const containers = new Set(containerNames(pod))
  const volumes = new Set(objectsAt(pod, 'spec', 'volumes').map((volume) => textAt(volume, 'name')))
  return LISTS.flatMap((list) =>
    listAt(status, list).flatMap((name) => {
      if (typeof name !== 'string' || (list === 'volumes' ? volumes : containers).has(name)) return []
      return [`${list === 'volumes' ? 'volume' : 'container'} ${name}`]
    }),
  )
}

function evidenceOf(pod: JsonObject, suspects: readonly string[]): readonly Evidence[] {
  const object = objectName(pod)
  return [
    { object, path: `metadata.annotations["${STATUS_ANNOTATION}"]`, value: annotationOf(pod, STATUS_ANNOTATION) ?? '' },
    { object, path: 'spec: names of containers', value: containerNames(pod) },
    ...suspects.map((suspect) => {
      const [configuration = '', webhook = ''] = suspect.split('/')
      return {
        object: { kind: 'MutatingWebhookConfiguration', name: configuration },
        path: 'webhooks[].name',
        value: webhook,
        label: { en: 'is called for the same Pods', zh: '也会处理这些 Pod' },
      }
    }),
  ]
}
