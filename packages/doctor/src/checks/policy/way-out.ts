import { isObject, type JsonObject, type LabelMap } from '@proa/kube'
import type { Cluster } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { Fix } from '../../finding.ts'
import { labelTemplate } from '../../fixes/edit-template.ts'
import { labelNamespace } from '../../fixes/label-namespace.ts'
import { allSteps } from '../../fixes/patch-object.ts'
import { askWebhooks } from '../../subjects/verdict.ts'
import { excludeNamespaces } from './exclude-namespace.ts'
import { isCalled, type Victim } from './victim.ts'

const REFUSE = { 'sidecar.istio.io/inject': 'false' } as const

/** The smallest change after which the webhook is called for none of the Pods any more; tried before it is proposed. */
export function wayOut(cluster: Cluster, victims: readonly Victim[]): Fix {
  return byPodLabel(cluster, victims) ?? byNamespaceLabel(cluster, victims) ?? bySelector(victims)
}

/** Only for the injector itself: workloads of kube-system are not ours to change. */
function byPodLabel(cluster: Cluster, victims: readonly Victim[]): Fix | undefined {
  const subjects = [...new Set(victims.flatMap(({ subject }) => subject ?? []))]
  const [subject] = subjects
  if (subject === undefined || subjects.length > 1 || subject.namespace === 'kube-system') return undefined
  const helps = victims.every((victim) => !waits(cluster, { ...victim, template: refusing(victim.template) }))
  const step = labelTemplate(subject, REFUSE)
  if (!helps || step.commands.length === 0) return undefined
  return {
    text: {
      en: 'Label the Pods of the injector so that the webhook passes over them, while it still runs',
      zh: '趁注入器仍在运行，为其 Pod 添加标签，使 webhook 跳过它们',
    },
    ...step,
  }
}

function refusing(template: JsonObject): JsonObject {
  const metadata = isObject(template.metadata) ? template.metadata : {}
  const labels = isObject(metadata.labels) ? metadata.labels : {}
  return { ...template, metadata: { ...metadata, labels: { ...labels, ...REFUSE } } }
}

const EDITS: readonly Readonly<Record<string, string | null>>[] = [
  { 'istio-injection': null },
  { 'istio.io/rev': null },
  { 'istio-injection': null, 'istio.io/rev': null },
  { 'istio-injection': 'disabled' },
]

function byNamespaceLabel(cluster: Cluster, victims: readonly Victim[]): Fix | undefined {
  const namespaces = [...new Set(victims.map(({ namespace }) => namespace))]
  const steps = namespaces.map((namespace) => {
    const labels = namespaceLabels(cluster).get(namespace)
    const waiting = victims.filter((victim) => victim.namespace === namespace)
    const edits = EDITS.find(
      (one) =>
        labels !== undefined &&
        Object.entries(one).every(([key, value]) => value !== null || Object.hasOwn(labels, key)) &&
        waiting.every((victim) => !waits(cluster, victim, edited(labels, one))),
    )
    return edits === undefined ? undefined : labelNamespace(namespace, edits)
  })
  const found = steps.filter((step) => step !== undefined)
  if (found.length < namespaces.length) return undefined
  return {
    text: {
      en: `Take ${namespaces.join(', ')} out of the injection by its label`,
      zh: `通过标签把 ${namespaces.join('、')} 排除在注入之外`,
    },
    ...allSteps(...found),
  }
}

function edited(labels: LabelMap, edits: Readonly<Record<string, string | null>>): LabelMap {
  const result: Record<string, string> = { ...labels }
  for (const [key, value] of Object.entries(edits)) {
    if (value === null) delete result[key]
    else result[key] = value
  }
  return result
}

function waits(cluster: Cluster, { injector, namespace, template }: Victim, labels?: LabelMap): boolean {
  return isCalled(askWebhooks(cluster, namespace, template, labels), injector)
}

function bySelector(victims: readonly Victim[]): Fix {
  const namespaces = [...new Set(victims.map(({ namespace }) => namespace))]
  const places = [...new Map(victims.map(({ injector }) => [injector.index, injector])).values()]
  return {
    text: {
      en: `Exclude ${namespaces.join(', ')} in the namespaceSelector, also in the chart or manifest that it comes from`,
      zh: `在 namespaceSelector 中排除 ${namespaces.join('、')}，其来源的 chart 或清单也要修改`,
    },
    ...excludeNamespaces(places, namespaces),
  }
}
