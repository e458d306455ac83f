import { isObject, type LabelMap, labelsOf } from '@proa/kube'
import { type Cluster, objectName, remembered } from '../../cluster/cluster.ts'
import { type FieldWrite, labelWrite } from '../../cluster/managed-fields.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import { labelOf, timeText } from '../../reading.ts'
import type { Subject } from '../subjects.ts'
import { judge } from '../verdict.ts'
import { namespaceName } from '../wishes.ts'
import { createdAt, createdEvidence, writeEvidence } from './times.ts'
import type { Difference, Question } from './types.ts'

const needed: (cluster: Cluster) => Map<Subject, readonly string[]> = remembered(() => new Map())

/** Labels of the namespace without which the outcome would be another. */
export function neededLabels(cluster: Cluster, question: Question): readonly string[] {
  const { subject, verdict } = question
  const known = needed(cluster).get(subject)
  if (known !== undefined) return known
  const labels = namespaceLabels(cluster).get(subject.namespace) ?? {}
  const found = askedLabels(cluster, question).filter(
    (key) => judge(cluster, subject.namespace, subject.template, without(labels, key)).expected !== verdict.expected,
  )
  needed(cluster).set(subject, found)
  return found
}

/** Labels that the namespace has and that selectors of injectors ask for. */
export function askedLabels(cluster: Cluster, { subject, verdict }: Question): readonly string[] {
  const labels = namespaceLabels(cluster).get(subject.namespace) ?? {}
  const keys = verdict.webhooks.injectors.flatMap(({ verdict: { steps } }) =>
    steps
      .filter(({ id }) => id === 'namespaceSelector')
      .flatMap(({ requirements = [] }) => requirements.map(({ requirement }) => requirement.key)),
  )
  return [...new Set(keys)].filter((key) => Object.hasOwn(labels, key))
}

function without(labels: LabelMap, key: string): LabelMap {
  return Object.fromEntries(Object.entries(labels).filter(([one]) => one !== key))
}

export function olderThanNamespaceLabel(
  cluster: Cluster,
  question: Question,
  keys: readonly string[] = neededLabels(cluster, question),
): Difference | undefined {
  const { subject, pod } = question
  const created = createdAt(pod)
  const namespace = cluster.find('Namespace', '', subject.namespace)
  if (created === undefined || namespace === undefined) return undefined
  for (const key of keys) {
    const write = labelWrite(namespace, key)
    if (write === undefined || write.time <= created) continue
    return olderThanLabel(question, key, labelOf(namespace, key) ?? '', write, {
      evidence: [
        createdEvidence(pod),
        {
          object: namespaceName(subject.namespace),
          path: `metadata.labels["${key}"]`,
          value: labelOf(namespace, key) ?? '',
        },
        writeEvidence(namespace, write, `metadata.labels["${key}"]`),
      ],
    })
  }
  return undefined
}

function olderThanLabel(
  { subject, pod }: Question,
  key: string,
  value: string,
  { time, alone }: FieldWrite,
  { evidence }: Pick<Difference, 'evidence'>,
): Difference {
  return {
    kind: 'older',
    than: 'namespace-label',
    since: time,
    pods: [pod],
    // A manager that owns more may have written something else at that time.
    confidence: alone ? 'certain' : 'likely',
    evidence,
    because: {
      en: `it was created at ${timeText(createdAt(pod) ?? 0)}, before namespace ${subject.namespace} got the label ${key}=${value} (${timeText(time)})`,
      zh: `它创建于 ${timeText(createdAt(pod) ?? 0)}，早于命名空间 ${subject.namespace} 得到标签 ${key}=${value}（${timeText(time)}）`,
    },
  }
}

const POD_LABELS = ['sidecar.istio.io/inject', 'istio.io/rev'] as const

/** A label that was put on a Pod that was there already: `kubectl label pod`. */
export function olderThanPodLabel(cluster: Cluster, { subject, pod, verdict }: Question): Difference | undefined {
  const created = createdAt(pod)
  if (created === undefined) return undefined
  for (const key of POD_LABELS) {
    const value = labelOf(pod, key)
    const write = value === undefined ? undefined : labelWrite(pod, key)
    if (value === undefined || write === undefined || write.time <= created) continue
    const metadata = { ...(isObject(pod.metadata) ? pod.metadata : {}), labels: without(labelsOf(pod), key) }
    if (judge(cluster, subject.namespace, { ...pod, metadata }).expected === verdict.expected) continue
    return {
      kind: 'older',
      than: 'pod-label',
      since: write.time,
      pods: [pod],
      confidence: write.alone ? 'certain' : 'likely',
      evidence: [
        createdEvidence(pod),
        { object: objectName(pod), path: `metadata.labels["${key}"]`, value },
        writeEvidence(pod, write, `metadata.labels["${key}"]`),
      ],
      because: {
        en: `the label ${key}=${value} was put on the Pod at ${timeText(write.time)}, after it was created (${timeText(created)})`,
        zh: `标签 ${key}=${value} 在 ${timeText(write.time)} 才加到 Pod 上，而 Pod 创建于 ${timeText(created)}`,
      },
    }
  }
  return undefined
}
