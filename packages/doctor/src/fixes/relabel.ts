import type { LabelChange } from '@proa/injector'
import type { Cluster } from '../cluster/cluster.ts'
import type { Fix } from '../finding.ts'
import type { Text } from '../language.ts'
import { livePods, type Subject } from '../subjects/subjects.ts'
import { labelTemplate } from './edit-template.ts'
import { labelNamespace } from './label-namespace.ts'
import { allSteps } from './patch-object.ts'
import { restartFix } from './restart.ts'

/** The label edits of a proposal as a fix. Where only the namespace changes, the Pods that there are must be made anew too. */
export function relabel(cluster: Cluster, subject: Subject, { edits }: LabelChange): Fix {
  const on = (place: 'namespace' | 'pod'): Readonly<Record<string, string | null>> =>
    Object.fromEntries(edits.filter((edit) => edit.on === place).map(({ key, to }) => [key, to ?? null]))
  const [namespace, pod] = [on('namespace'), on('pod')]
  const restarts = Object.keys(pod).length === 0 && livePods(subject).length > 0
  const step = allSteps(
    ...(Object.keys(namespace).length === 0 ? [] : [labelNamespace(subject.namespace, namespace)]),
    ...(Object.keys(pod).length === 0 ? [] : [labelTemplate(subject, pod)]),
    ...(restarts ? [restartFix(cluster, subject)] : []),
  )
  return { text: textOf(subject, namespace, pod), ...step }
}

function textOf(subject: Subject, namespace: Readonly<Record<string, string | null>>, pod: typeof namespace): Text {
  const place = ['', ...subject.templatePath, 'metadata.labels'].join('.').slice(1)
  const parts: Text[] = []
  if (Object.keys(namespace).length > 0) {
    parts.push({
      en: `label the namespace ${subject.namespace} with ${written(namespace)}, then restart the workload`,
      zh: `为命名空间 ${subject.namespace} 设置标签 ${written(namespace)}，然后重启工作负载`,
    })
  }
  if (Object.keys(pod).length > 0) {
    parts.push({
      en: `set ${written(pod)} in ${place} of ${subject.object.kind} ${subject.name}`,
      zh: `在 ${subject.object.kind} ${subject.name} 的 ${place} 中设置 ${written(pod)}`,
    })
  }
  const en = parts.map((part) => part.en).join(' and ')
  return { en: en.charAt(0).toUpperCase() + en.slice(1), zh: parts.map((part) => part.zh).join('，并') }
}

/** `istio-injection=enabled, istio.io/rev-` as kubectl has it. */
function written(labels: Readonly<Record<string, string | null>>): string {
  return Object.entries(labels)
    .map(([key, value]) => (value === null ? `${key}-` : `${key}=${value}`))
    .join(', ')
}
