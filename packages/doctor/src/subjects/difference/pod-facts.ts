import type { JsonObject } from '@proa/kube'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import { annotationOf, labelOf, objectsAt, textAt } from '../../reading.ts'
import { PROXY_CONTAINER, STATUS_ANNOTATION, sidecarOf } from '../sidecar.ts'
import type { Subject } from '../subjects.ts'
import { type Verdict, verdictOf } from '../verdict.ts'
import { templateField } from '../wishes.ts'
import { createdEvidence } from './times.ts'
import type { Difference } from './types.ts'

/** The kubelet writes it on the picture of a Pod that it runs from a file. */
export const MIRROR_ANNOTATION = 'kubernetes.io/config.mirror'

export function staticPod(pod: JsonObject): Difference | undefined {
  const mirror = annotationOf(pod, MIRROR_ANNOTATION)
  if (mirror === undefined) return undefined
  return {
    kind: 'static',
    pods: [pod],
    confidence: 'certain',
    evidence: [{ object: objectName(pod), path: `metadata.annotations["${MIRROR_ANNOTATION}"]`, value: mirror }],
    because: {
      en: 'the kubelet runs it from a file on its node (static Pod), and webhooks see only a copy',
      zh: '它是 kubelet 从节点上的文件启动的静态 Pod，webhook 只能看到它的镜像副本',
    },
  }
}

/** The annotation is written together with the containers, so somebody took them out afterwards, before the Pod was stored. */
export function removedSidecar(cluster: Cluster, subject: Subject, pod: JsonObject): Difference {
  const suspects = laterWebhooks(verdictOf(cluster, subject))
  const copied = annotationOf(subject.template, STATUS_ANNOTATION) !== undefined && subject.templatePath.length > 0
  const status = annotationOf(pod, STATUS_ANNOTATION) ?? ''
  return {
    kind: 'removed',
    suspects,
    pods: [pod],
    confidence: copied ? 'cannot-tell' : 'certain',
    evidence: [
      { object: objectName(pod), path: `metadata.annotations["${STATUS_ANNOTATION}"]`, value: status },
      { object: objectName(pod), path: 'spec.containers[].name', value: containerNames(pod) },
      ...suspects.map((suspect) => ({
        object: { kind: 'MutatingWebhookConfiguration', name: suspect.slice(0, suspect.indexOf('/')) },
        path: 'webhooks[].name',
        value: suspect.slice(suspect.indexOf('/') + 1),
      })),
    ],
    because: copied
      ? {
          en: `its template carries a copied ${STATUS_ANNOTATION}, or the sidecar was taken out after the injection`,
          zh: `其模板带有复制来的 ${STATUS_ANNOTATION}，或者 sidecar 在注入之后被移除`,
        }
      : {
          en: `it was injected, and the sidecar was taken out afterwards, before the Pod was stored${suspects.length === 0 ? '' : `; these webhooks also change it: ${suspects.join(', ')}`}`,
          zh: `它已被注入，但 sidecar 在 Pod 保存之前又被移除${suspects.length === 0 ? '' : `；以下 webhook 也会修改它：${suspects.join('、')}`}`,
        },
  }
}

/** Other mutating webhooks that are called for the Pod; `configuration/webhook`. */
export function laterWebhooks({ webhooks }: Verdict): readonly string[] {
  return webhooks.others
    .filter(({ called }) => called !== false)
    .map(({ configuration, webhook }) => `${configuration}/${webhook}`)
}

export function containerNames(pod: JsonObject): string[] {
  return ['initContainers', 'containers'].flatMap((list) =>
    objectsAt(pod, 'spec', list).map((container) => textAt(container, 'name')),
  )
}

/** Pods whose proxy stands in the manifest: injected by hand, or a proxy of their own such as an old gateway's. */
export function byHand(subject: Subject, pod: JsonObject): Difference | undefined {
  const { template, templatePath, object } = subject
  const inTemplate = templatePath.length > 0 && sidecarOf(template).container !== undefined
  if (!inTemplate && sidecarOf(pod).kind !== 'by-hand') return undefined
  const evidence = inTemplate
    ? { object, path: templateField(subject, 'spec.containers[].name'), value: containerNames(template) }
    : { object: objectName(pod), path: 'spec.containers[].name', value: containerNames(pod) }
  return {
    kind: 'by-hand',
    pods: [pod],
    confidence: 'certain',
    evidence: [evidence],
    because: {
      en: `the container ${PROXY_CONTAINER} comes with ${inTemplate ? `the template of ${object.kind} ${object.name}` : 'its manifest'}, not from the webhook`,
      zh: `容器 ${PROXY_CONTAINER} 来自${inTemplate ? ` ${object.kind} ${object.name} 的模板` : '它的清单'}，而不是 webhook`,
    },
  }
}

export function otherRevision({ revision, injector }: Verdict, pod: JsonObject): Difference | undefined {
  const { revision: injectedBy, kind } = sidecarOf(pod)
  if (revision === undefined || injectedBy === undefined || kind !== 'injected') return undefined
  if (injectedBy === revision.name || injectedBy === injector?.tag) return undefined
  const status = annotationOf(pod, STATUS_ANNOTATION)
  return {
    kind: 'other-revision',
    injectedBy,
    now: revision.name,
    pods: [pod],
    confidence: 'certain',
    evidence: [
      {
        object: objectName(pod),
        path: `metadata.annotations["${STATUS_ANNOTATION}"]`,
        ...(status === undefined ? {} : { value: status }),
      },
      ...(injector === undefined
        ? []
        : [
            {
              object: objectName(injector.object),
              path: 'metadata.labels["istio.io/rev"]',
              value: labelOf(injector.object, 'istio.io/rev') ?? '',
            },
          ]),
      createdEvidence(pod),
    ],
    because: {
      en: `revision ${injectedBy} injected it, and revision ${revision.name} would now: a restart is pending`,
      zh: `它由 revision ${injectedBy} 注入，而现在应由 revision ${revision.name} 注入：尚未重启`,
    },
  }
}
