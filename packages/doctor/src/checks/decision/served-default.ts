import type { WebhookExplanation } from '@proa/injector'
import { type Cluster, remembered } from '../../cluster/cluster.ts'
import { namespaceLabels } from '../../cluster/namespaces.ts'
import type { Evidence } from '../../finding.ts'
import { subjects } from '../../subjects/subjects.ts'
import { askWebhooks } from '../../subjects/verdict.ts'
import { isWanted, wishesOf } from '../../subjects/wishes.ts'
import { INJECTION } from './keys.ts'

/** A name that no namespace has, so that only labels speak. */
const ANY_NAMESPACE = 'any-namespace'

/** What happens to a Pod without labels in a namespace with `istio-injection=enabled`, whatever namespaces there are. */
export const defaultInjection: (cluster: Cluster) => WebhookExplanation = remembered((cluster) =>
  askWebhooks(cluster, ANY_NAMESPACE, {}, { [INJECTION]: 'enabled' }),
)

/** Namespaces that ask for the default injector by `istio-injection=enabled`. */
export const enabledNamespaces: (cluster: Cluster) => readonly string[] = remembered((cluster) =>
  [...namespaceLabels(cluster)].flatMap(([name, labels]) =>
    Object.hasOwn(labels, INJECTION) && labels[INJECTION] === 'enabled' ? [name] : [],
  ),
)

const MOST = 5

/** Who asks for a sidecar, whichever injector it should come from: a few examples of the labels. */
export function askingForInjection(cluster: Cluster): readonly Evidence[] {
  const found: Evidence[] = []
  const seen = new Set<string>()
  for (const subject of subjects(cluster)) {
    if (!isWanted(cluster, subject)) continue
    for (const { wants, evidence } of wishesOf(cluster, subject)) {
      const object = evidence.object ?? subject.object
      const key = `${object.kind}/${object.namespace ?? ''}/${object.name} ${evidence.path}`
      if (!wants || seen.has(key)) continue
      seen.add(key)
      found.push({ ...evidence, object })
      if (found.length === MOST) return found
    }
  }
  return found
}

export function namespaceEvidence(names: readonly string[]): readonly Evidence[] {
  return names.slice(0, MOST).map((name) => ({
    object: { apiVersion: 'v1', kind: 'Namespace', name },
    path: `metadata.labels["${INJECTION}"]`,
    value: 'enabled',
  }))
}
