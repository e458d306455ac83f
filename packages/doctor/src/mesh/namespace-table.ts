import { webhookWording } from '@proa/injector'
import { formatRequirement, NAMESPACE_NAME_LABEL, type RequirementResult, type WebhookVerdict } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { namespaceLabels } from '../cluster/namespaces.ts'
import type { Text } from '../language.ts'
import { nameOf, textAt } from '../reading.ts'
import type { NamespaceRow, NamespaceVerdict } from '../report.ts'
import { sidecarOf } from '../subjects/sidecar.ts'
import { subjects } from '../subjects/subjects.ts'
import type { Verdict } from '../subjects/verdict.ts'
import { namespaceVerdict } from './namespace-verdicts.ts'

/** Each namespace, and what every injection webhook that is in use makes of it; by name. */
export const namespaceTable: (cluster: Cluster) => readonly NamespaceRow[] = remembered((cluster) =>
  namesOf(cluster).map((name) => rowOf(cluster, name)),
)

/** Where namespaces could not be read, those that something is in. */
function namesOf(cluster: Cluster): readonly string[] {
  const names = new Set(cluster.all('Namespace').map(nameOf))
  if (cluster.unread('Namespace') !== undefined) {
    for (const { namespace } of subjects(cluster)) if (namespace !== '') names.add(namespace)
  }
  return [...names].toSorted()
}

function rowOf(cluster: Cluster, name: string): NamespaceRow {
  const verdict = namespaceVerdict(cluster, name)
  const labels = namespaceLabels(cluster).get(name)
  const label = (key: string): string | undefined =>
    labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
  const injection = label('istio-injection')
  const revision = label('istio.io/rev')
  const dataplaneMode = label('istio.io/dataplane-mode')
  return {
    name,
    ...(injection === undefined ? {} : { injection }),
    ...(revision === undefined ? {} : { revision }),
    ...(dataplaneMode === undefined ? {} : { dataplaneMode }),
    webhooks: webhooksOf(verdict),
    verdict: wordOf(cluster, verdict),
    pods: podsOf(cluster, name),
  }
}

const alreadyWritten = new WeakMap<Verdict, readonly NamespaceVerdict[]>()

/** Namespaces with the same verdict share it. */
function webhooksOf(verdict: Verdict): readonly NamespaceVerdict[] {
  const known = alreadyWritten.get(verdict)
  if (known !== undefined) return known
  const written = verdict.webhooks.injectors
    .filter(({ injector }) => !injector.deactivated)
    .map(
      ({ injector, verdict: one }): NamespaceVerdict => ({
        webhook: `${injector.configuration}/${injector.webhook}`,
        called: one.called,
        because: one.called === true ? whyCalled(one) : whyNot(one),
      }),
    )
  alreadyWritten.set(verdict, written)
  return written
}

function wordOf(cluster: Cluster, { webhooks, decision, expected }: Verdict): NamespaceRow['verdict'] {
  if (cluster.unread('MutatingWebhookConfiguration') !== undefined) return 'unknown'
  if (webhooks.outcome === 'several') return 'several'
  return decision?.reason === 'IgnoredNamespace' ? 'ignored' : expected
}

/** The condition that a label had to meet; one that only excludes says less. */
function whyCalled({ steps }: WebhookVerdict): Text {
  const requirements = steps.find(({ id }) => id === 'namespaceSelector')?.requirements ?? []
  const telling = requirements.filter(({ requirement }) => requirement.key !== NAMESPACE_NAME_LABEL)
  const asks = ({ requirement: { operator } }: RequirementResult): boolean => operator === 'In' || operator === 'Exists'
  const deciding = telling.find(asks) ?? telling[0]
  if (deciding === undefined) {
    return requirements.length === 0
      ? { en: 'namespaceSelector is empty: every namespace', zh: 'namespaceSelector 为空：匹配所有命名空间' }
      : { en: 'namespaceSelector excludes other names only', zh: 'namespaceSelector 只排除其他名称' }
  }
  const wanted = formatRequirement(deciding.requirement)
  const { found } = deciding
  return found === undefined
    ? { en: `namespaceSelector: ${wanted}, and there is no such label`, zh: `namespaceSelector：${wanted}，没有该标签` }
    : { en: `namespaceSelector: ${wanted}, finds ${found}`, zh: `namespaceSelector：${wanted}，实际为 ${found}` }
}

/** The words of `proa explain`. */
function whyNot(verdict: WebhookVerdict): Text {
  return { en: webhookWording('en').reason(verdict), zh: webhookWording('zh').reason(verdict) }
}

function podsOf(cluster: Cluster, namespace: string): NamespaceRow['pods'] {
  const running = cluster.inNamespace('Pod', namespace).filter((pod) => {
    const phase = textAt(pod, 'status', 'phase')
    return phase !== 'Succeeded' && phase !== 'Failed'
  })
  return { all: running.length, injected: running.filter((pod) => sidecarOf(pod).container !== undefined).length }
}
