import type { JsonObject } from '@proa/kube'
import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome, Evidence, Fix } from '../../finding.ts'
import { restartFix } from '../../fixes/restart.ts'
import { listAt, objectsAt, textAt } from '../../reading.ts'
import { livePods, type Subject, titleOf } from '../../subjects/subjects.ts'
import { templateEvidence } from '../../subjects/template-evidence.ts'
import { type Verdict, verdictOf } from '../../subjects/verdict.ts'
import { forSubjects } from './active-subjects.ts'
import { flip } from './flip.ts'

/** What a gateway writes where the injector is to put its own image. */
const AUTO = 'auto'

export const INJ129: Check = {
  id: 'INJ129',
  severity: 'error',
  category: 'decision',
  scope: 'workload',
  needs: ['MutatingWebhookConfiguration'],
  uses: ['Pod', 'Deployment', 'Namespace', 'ConfigMap'],
  title: { en: 'image: auto is not replaced', zh: 'image: auto 没有被替换' },
  looksAt: {
    en: 'Containers with image: auto (gateways write it) in workloads that are not injected, and in Pods that run.',
    zh: '未被注入的工作负载以及运行中的 Pod 里带有 image: auto 的容器（gateway 常用）。',
  },
  why: {
    en: 'The injector puts the image of the proxy in its place. Without injection the kubelet tries to pull an image named auto, and the Pod stays in ErrImagePull.',
    zh: '注入器会把它替换为代理镜像。没有注入时，kubelet 会尝试拉取名为 auto 的镜像，Pod 停在 ErrImagePull。',
  },
  remedy: {
    en: 'Enable injection for the workload, then make its Pods anew.',
    zh: '为该工作负载启用注入，然后重建其 Pod。',
  },
  references: ['IST0146', 'IST0147', 'istio/istio#35789', 'istio/istio#46307'],
  run: (cluster) => forSubjects(cluster, (subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  const verdict = verdictOf(cluster, subject)
  const inPod = livePods(subject).flatMap((pod) => autoImages(pod).map((path) => ({ pod, path })))[0]
  const [inTemplate] = autoImages(subject.template)
  const notInjected = verdict.expected === 'not-injected'
  if (inPod === undefined && (inTemplate === undefined || !notInjected)) return []
  const evidence: Evidence[] = [
    ...(inTemplate === undefined || subject.owner === undefined ? [] : [templateEvidence(subject, inTemplate, AUTO)]),
    ...(inPod === undefined ? [] : [{ object: objectName(inPod.pod), path: inPod.path, value: AUTO }]),
  ]
  const title = titleOf(subject)
  return [
    {
      outcome: 'found',
      object: subject.object,
      ...(verdict.injector === undefined ? {} : { revision: verdict.injector.revision }),
      message: {
        en: notInjected
          ? `${title} has a container with image: auto, and nobody injects it: ${whyNot(verdict).en}`
          : `A Pod of ${title} was created without injection, and its container still has image: auto`,
        zh: notInjected
          ? `${title} 有 image: auto 的容器，但不会被注入：${whyNot(verdict).zh}`
          : `${title} 的 Pod 创建时没有注入，容器镜像仍为 auto`,
      },
      evidence,
      confidence: 'certain',
      ...fixOf(cluster, subject, verdict),
    },
  ]
}

function whyNot({ decision, webhooks }: Verdict): { readonly en: string; readonly zh: string } {
  if (decision !== undefined)
    return { en: `the injector decides ${decision.reason}`, zh: `注入器的决定为 ${decision.reason}` }
  return webhooks.outcome === 'not-installed'
    ? { en: 'there is no injection webhook', zh: '没有注入 webhook' }
    : { en: 'no injection webhook is called for its Pods', zh: '没有注入 webhook 会处理它的 Pod' }
}

function fixOf(cluster: Cluster, subject: Subject, verdict: Verdict): { readonly fix?: Fix } {
  if (verdict.expected === 'injected') return { fix: restartFix(cluster, subject) }
  const fix = verdict.expected === 'not-injected' ? flip(cluster, subject, verdict) : undefined
  return fix === undefined ? {} : { fix }
}

/** Paths of images that the injector should have replaced. */
function autoImages(pod: JsonObject): readonly string[] {
  return ['containers', 'initContainers'].flatMap((list) => {
    if (!objectsAt(pod, 'spec', list).some((container) => container.image === AUTO)) return []
    return listAt(pod, 'spec', list).flatMap((container, index) =>
      textAt(container, 'image') === AUTO ? [`spec.${list}[${index}].image`] : [],
    )
  })
}
