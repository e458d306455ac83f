import { ignoredNamespaces } from '@proa/injector'
import {
  explainSelector,
  type JsonObject,
  type LabelMap,
  type LabelSelector,
  NAMESPACE_NAME_LABEL,
  parseLabelSelector,
  readWebhookConfiguration,
  SelectorError,
} from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { namespaceLabels } from '../cluster/namespaces.ts'
import { judge, type Verdict } from '../subjects/verdict.ts'
import { minorsFor } from './release.ts'

/** A Pod that says nothing about itself. */
const PLAIN_POD: JsonObject = {}

/** Asked before it is known who is called. */
const NOBODY = { configuration: undefined }

const verdicts: (cluster: Cluster) => Map<string, Verdict> = remembered(() => new Map())

/**
 * What a Pod without labels of its own gets in a namespace. Namespaces that no selector and no rule can tell apart share one
 * answer; so its evidence may name another of them by `kubernetes.io/metadata.name`, wherever the name makes no difference.
 */
export function namespaceVerdict(cluster: Cluster, namespace: string): Verdict {
  const known = verdicts(cluster)
  const key = situationOf(cluster, namespace)
  const found = known.get(key)
  if (found !== undefined) return found
  const verdict = judge(cluster, namespace, PLAIN_POD)
  known.set(key, verdict)
  return verdict
}

/** What all selectors of all webhooks ask of a namespace. */
interface Questions {
  readonly keys: readonly string[]
  /** Selectors with conditions on the name alone, one per condition. */
  readonly onNames: readonly LabelSelector[]
  /** A match condition may look at anything. */
  readonly anything: boolean
}

const questions: (cluster: Cluster) => Questions = remembered((cluster) => {
  const webhooks = cluster.all('MutatingWebhookConfiguration').flatMap((one) => readWebhookConfiguration(one).webhooks)
  const requirements = webhooks.flatMap(({ namespaceSelector }) => readSelector(namespaceSelector).requirements)
  const keys = new Set(requirements.map(({ key }) => key))
  keys.delete(NAMESPACE_NAME_LABEL)
  return {
    keys: [...keys],
    onNames: requirements.filter(({ key }) => key === NAMESPACE_NAME_LABEL).map((one) => ({ requirements: [one] })),
    anything: webhooks.some(({ matchConditions }) => matchConditions.length > 0),
  }
})

function readSelector(value: Parameters<typeof parseLabelSelector>[0]): LabelSelector {
  try {
    return parseLabelSelector(value)
  } catch (error) {
    if (error instanceof SelectorError) return { requirements: [] }
    throw error
  }
}

function situationOf(cluster: Cluster, namespace: string): string {
  const { keys, onNames, anything } = questions(cluster)
  const labels = namespaceLabels(cluster).get(namespace)
  if (anything || labels === undefined) return JSON.stringify([namespace])
  const nameMatters =
    onNames.some((selector) => !explainSelector(selector, { [NAMESPACE_NAME_LABEL]: namespace }).matches) ||
    minorsFor(cluster, NOBODY).some((minor) => ignoredNamespaces(minor).has(namespace))
  return JSON.stringify([nameMatters ? namespace : null, keys.map((key) => labelValue(labels, key))])
}

function labelValue(labels: LabelMap, key: string): string | null {
  return Object.hasOwn(labels, key) ? (labels[key] ?? null) : null
}

/** Whether every control plane passes the namespace over, whatever anybody asks for. */
export function isIgnored(cluster: Cluster, namespace: string): boolean {
  return minorsFor(cluster, NOBODY).every((minor) => ignoredNamespaces(minor).has(namespace))
}

/** The namespaces that every control plane passes over. */
export function ignoredByAll(cluster: Cluster): readonly string[] {
  const [first = new Set<string>(), ...others] = minorsFor(cluster, NOBODY).map(ignoredNamespaces)
  return [...first].filter((name) => others.every((names) => names.has(name)))
}
