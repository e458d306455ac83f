import type { Json, JsonObject } from '@proa/kube'
import { type Cluster, objectName } from '../../cluster/cluster.ts'
import type { Evidence } from '../../finding.ts'
import { at } from '../../reading.ts'
import { judge } from '../verdict.ts'
import { templateField } from '../wishes.ts'
import { createdEvidence } from './times.ts'
import type { Difference, Question } from './types.ts'

/** Fields of a Pod that the decision looks at. */
const DECIDING: readonly (readonly [string, readonly string[]])[] = [
  ['metadata.labels["sidecar.istio.io/inject"]', ['metadata', 'labels', 'sidecar.istio.io/inject']],
  ['metadata.labels["istio.io/rev"]', ['metadata', 'labels', 'istio.io/rev']],
  ['metadata.annotations["sidecar.istio.io/inject"]', ['metadata', 'annotations', 'sidecar.istio.io/inject']],
  ['spec.hostNetwork', ['spec', 'hostNetwork']],
]

/**
 * The Pod was made from another template than the one that is there now: by its own fields the outcome would be what it is. So it
 * is during a rollout, and for as long as one is paused.
 */
export function madeFromOtherTemplate(cluster: Cluster, question: Question): Difference | undefined {
  const { subject, pod, verdict } = question
  if (subject.templatePath.length === 0) return undefined
  // The injector adds labels of its own, which selectors may see; without a field that differs it is not the template.
  const differing = differingFields(question)
  if (differing.length === 0) return undefined
  const opposite = verdict.expected === 'injected' ? 'not-injected' : 'injected'
  if (judge(cluster, subject.namespace, pod).expected !== opposite) return undefined
  return {
    kind: 'older',
    than: 'template',
    pods: [pod],
    confidence: 'certain',
    evidence: [...differing, createdEvidence(pod)],
    because: {
      en: `it was made from an older template of ${subject.object.kind} ${subject.name}; the new one has not been rolled out to it`,
      zh: `它由 ${subject.object.kind} ${subject.name} 的旧模板创建，新模板尚未滚动到它`,
    },
  }
}

function differingFields({ subject, pod }: Question): Evidence[] {
  return DECIDING.flatMap(([path, steps]) => {
    const [before, after] = [at(pod, ...steps), at(subject.template, ...steps)]
    if (before === after) return []
    return [
      sideOf(pod, path, before),
      { object: subject.object, path: templateField(subject, path), ...present(after) },
    ]
  })
}

function sideOf(pod: JsonObject, path: string, value: Json | undefined): Evidence {
  return { object: objectName(pod), path, ...present(value) }
}

function present(value: Json | undefined): { value?: Json } {
  return value === undefined ? {} : { value }
}
