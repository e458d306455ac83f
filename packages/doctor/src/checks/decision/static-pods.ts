import type { Check } from '../../check.ts'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { CheckOutcome } from '../../finding.ts'
import { NO_STEP } from '../../fixes/patch-object.ts'
import { annotationOf, textAt } from '../../reading.ts'
import { MIRROR_ANNOTATION } from '../../subjects/difference/pod-facts.ts'
import { livePods, type Subject, subjects } from '../../subjects/subjects.ts'
import { verdictOf } from '../../subjects/verdict.ts'

export const INJ127: Check = {
  id: 'INJ127',
  severity: 'info',
  category: 'decision',
  scope: 'pod',
  needs: ['Pod'],
  uses: ['Namespace', 'MutatingWebhookConfiguration', 'ConfigMap'],
  title: { en: 'A static Pod cannot be injected', zh: '静态 Pod 无法注入' },
  looksAt: {
    en: `Pods with the annotation ${MIRROR_ANNOTATION}: the kubelet runs them from a file, and shows a copy to the API server.`,
    zh: `带有注解 ${MIRROR_ANNOTATION} 的 Pod：kubelet 从文件运行它们，只把副本提交给 API server。`,
  },
  why: {
    en: 'A webhook changes only the copy. What runs on the node stays as the file has it.',
    zh: 'webhook 只能修改副本，节点上实际运行的仍然是文件中的内容。',
  },
  remedy: {
    en: 'Run it as a DaemonSet or a Deployment, or write the sidecar into the file.',
    zh: '改用 DaemonSet 或 Deployment 运行，或把 sidecar 写进文件。',
  },
  run: (cluster) => subjects(cluster).flatMap((subject) => outcome(cluster, subject)),
}

function outcome(cluster: Cluster, subject: Subject): readonly CheckOutcome[] {
  return livePods(subject).flatMap((pod): readonly CheckOutcome[] => {
    const mirror = annotationOf(pod, MIRROR_ANNOTATION)
    if (mirror === undefined) return []
    const node = textAt(pod, 'spec', 'nodeName')
    // Those of kube-system are not meant to have a sidecar.
    const wanted = verdictOf(cluster, subject).expected === 'injected'
    return [
      {
        outcome: 'found',
        object: objectName(pod),
        message: {
          en: `Pod ${subject.namespace}/${subject.name} is a static Pod${node === '' ? '' : ` of node ${node}`}: it gets no sidecar, whatever its labels say`,
          zh: `Pod ${subject.namespace}/${subject.name} 是${node === '' ? '' : `节点 ${node} 上的`}静态 Pod：无论标签如何都不会有 sidecar`,
        },
        evidence: [
          { path: `metadata.annotations["${MIRROR_ANNOTATION}"]`, value: mirror },
          ...(node === '' ? [] : [{ path: 'spec.nodeName', value: node }]),
        ],
        confidence: 'certain',
        ...(wanted
          ? {
              fix: {
                ...NO_STEP,
                text: {
                  en: 'Run it as a DaemonSet, or give it a namespace that is not injected',
                  zh: '改用 DaemonSet 运行，或放到不注入的命名空间',
                },
              },
            }
          : { routine: true as const }),
      },
    ]
  })
}
