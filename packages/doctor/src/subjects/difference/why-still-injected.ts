import type { Cluster } from '../../cluster/cluster.ts'
import { objectName } from '../../cluster/cluster.ts'
import { annotationOf } from '../../reading.ts'
import { STATUS_ANNOTATION } from '../sidecar.ts'
import { askedLabels, olderThanNamespaceLabel, olderThanPodLabel } from './older-than-label.ts'
import { madeFromOtherTemplate } from './other-template.ts'
import { createdEvidence } from './times.ts'
import type { Difference, Question } from './types.ts'

/** Why a Pod has a sidecar although a new one would get none. That something changed is certain: it was injected once. */
export function whyStillInjected(cluster: Cluster, question: Question): Difference {
  return (
    madeFromOtherTemplate(cluster, question) ??
    olderThanPodLabel(cluster, question) ??
    olderThanNamespaceLabel(cluster, question, askedLabels(cluster, question)) ??
    somethingChanged(question)
  )
}

function somethingChanged({ pod, verdict }: Question): Difference {
  const gone = verdict.webhooks.outcome === 'not-installed'
  const status = annotationOf(pod, STATUS_ANNOTATION)
  return {
    kind: 'older',
    than: gone ? 'webhook' : 'something',
    pods: [pod],
    confidence: 'certain',
    evidence: [
      createdEvidence(pod),
      ...(status === undefined
        ? []
        : [{ object: objectName(pod), path: `metadata.annotations["${STATUS_ANNOTATION}"]`, value: status }]),
    ],
    because: gone
      ? {
          en: 'it was injected before the injection webhook was removed',
          zh: '它在注入 webhook 被移除之前已被注入',
        }
      : {
          en: 'it was injected before labels, webhooks or the configuration of the injector were changed to what they are now',
          zh: '它在标签、webhook 或注入器配置变为现状之前已被注入',
        },
  }
}
