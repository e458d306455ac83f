import type { LabelMap } from '@proa/kube'
import type { Cluster } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { Fix } from '../../finding.ts'
import { labelNamespace } from '../../fixes/label-namespace.ts'
import { allSteps } from '../../fixes/patch-object.ts'
import { restartFix } from '../../fixes/restart.ts'
import type { Text } from '../../language.ts'
import { injectors } from '../../mesh/injectors.ts'
import { isTrueAt } from '../../reading.ts'
import { sidecarOf } from '../../subjects/sidecar.ts'
import { livePods, type Subject } from '../../subjects/subjects.ts'
import { judge } from '../../subjects/verdict.ts'
import { wishesOf } from '../../subjects/wishes.ts'
import { activeSubjectsIn } from './active-subjects.ts'
import { INJECTION, REVISION } from './keys.ts'

/** Labels to set; null takes one away. */
export type LabelEdits = Readonly<Record<string, string | null>>

/** The labels as they would be. */
export function withEdits(labels: LabelMap, edits: LabelEdits): LabelMap {
  const kept = Object.entries(labels).filter(([key]) => !Object.hasOwn(edits, key))
  const set = Object.entries(edits).filter((entry): entry is [string, string] => entry[1] !== null)
  return Object.fromEntries([...kept, ...set])
}

/**
 * The labels with which exactly one webhook takes a Pod without labels of its own. Each proposal has been tried with the selectors
 * of the cluster. `cleared`: labels that are mistakes, and go in any case.
 */
export function injectingLabels(
  cluster: Cluster,
  namespace: string,
  cleared: LabelEdits = {},
  meant: readonly LabelEdits[] = [],
): LabelEdits | undefined {
  const labels = namespaceLabels(cluster).get(namespace) ?? {}
  const active = injectors(cluster).filter(({ deactivated }) => !deactivated)
  const names = new Set(active.map(({ tag, revision }) => tag ?? revision))
  const proposals: LabelEdits[] = [
    ...meant,
    { [INJECTION]: 'enabled' },
    ...[...names].map((name) => ({ [REVISION]: name })),
    { [INJECTION]: 'enabled', [REVISION]: null },
    ...[...names].map((name) => ({ [INJECTION]: null, [REVISION]: name })),
  ]
  return proposals
    .map((proposal) => ({ ...cleared, ...proposal }))
    .find((edits) => judge(cluster, namespace, {}, withEdits(labels, edits)).webhooks.outcome === 'one')
}

/** More are not written down one by one. */
const MOST_RESTARTS = 20

/** Labels of the namespace, and new Pods for the workloads that get a sidecar by them. */
export function namespaceFix(cluster: Cluster, namespace: string, text: Text, edits: LabelEdits): Fix {
  const label = labelNamespace(namespace, edits)
  const waiting = activeSubjectsIn(cluster, namespace).filter((subject) => getsSidecar(cluster, subject, edits))
  if (waiting.length === 0) return { text, ...label }
  const restarts = waiting.length > MOST_RESTARTS ? [] : waiting.map((subject) => restartFix(cluster, subject))
  const restarted = restarts.filter(({ commands }) => commands.length > 0).length
  const rest = waiting.length - restarted
  return { text: withRestart(text, restarted, rest), ...allSteps(label, ...restarts) }
}

function withRestart(text: Text, restarted: number, rest: number): Text {
  const en = [
    `${text.en}. Pods that exist keep what they have`,
    ...(restarted > 0
      ? [`the ${restarted === 1 ? 'workload' : `${restarted} workloads`} without a sidecar must be restarted`]
      : []),
    ...(rest > 0
      ? [`the Pods of ${rest} ${restarted > 0 ? 'more ' : ''}workload${rest === 1 ? '' : 's'} must be made anew`]
      : []),
  ]
  const zh = [
    `${text.zh}。已有的 Pod 不会改变`,
    ...(restarted > 0 ? [`需重启 ${restarted} 个没有 sidecar 的工作负载`] : []),
    ...(rest > 0 ? [`${restarted > 0 ? '另有' : '有'} ${rest} 个工作负载的 Pod 需要重新创建`] : []),
  ]
  return { en: en.join('; '), zh: zh.join('；') }
}

/** It runs without a sidecar, and the next Pod would have one. */
function getsSidecar(cluster: Cluster, subject: Subject, edits: LabelEdits): boolean {
  const pods = livePods(subject)
  if (pods.length === 0 || pods.every((pod) => sidecarOf(pod).container !== undefined)) return false
  if (isTrueAt(subject.template, 'spec', 'hostNetwork') || wishesOf(cluster, subject)[0]?.wants === false) return false
  const labels = namespaceLabels(cluster).get(subject.namespace) ?? {}
  const { expected } = judge(cluster, subject.namespace, subject.template, withEdits(labels, edits))
  return expected === 'injected' || expected === 'unknown'
}
