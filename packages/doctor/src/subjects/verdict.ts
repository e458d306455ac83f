import { type Configuration, type Decision, decide, explainWebhooks, type WebhookExplanation } from '@proa/injector'
import { isObject, type JsonObject, type LabelMap } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { namespaceLabels } from '../cluster/namespaces.ts'
import { type Injector, injectors } from '../mesh/injectors.ts'
import { type Revision, revisionBehind } from '../mesh/revisions.ts'
import type { ExpectedOutcome } from '../report.ts'
import type { Subject } from './subjects.ts'

/** What would happen if a Pod of the subject were created now. Nothing is rendered. */
export interface Verdict {
  readonly webhooks: WebhookExplanation
  /** The one injector that is called. */
  readonly injector: Injector | undefined
  readonly revision: Revision | undefined
  /** Of the injector that is called; undefined when none is, or when its configuration is not known. */
  readonly configuration: Configuration | undefined
  /** The injector's own decision; undefined as above. */
  readonly decision: Decision | undefined
  readonly expected: ExpectedOutcome
}

const verdicts: (cluster: Cluster) => Map<Subject, Verdict> = remembered(() => new Map())

export function verdictOf(cluster: Cluster, subject: Subject): Verdict {
  const known = verdicts(cluster).get(subject)
  if (known !== undefined) return known
  const verdict = judge(cluster, subject.namespace, subject.template)
  verdicts(cluster).set(subject, verdict)
  return verdict
}

/** What would happen to any Pod in a namespace; with `labels`, if the namespace had these instead of its own. */
export function judge(cluster: Cluster, namespace: string, pod: JsonObject, labels?: LabelMap): Verdict {
  const webhooks = askWebhooks(cluster, namespace, pod, labels)
  const { target } = webhooks
  const injector =
    target && injectors(cluster).find((one) => one.configuration === target.configuration && one.index === target.index)
  const revision = injector && revisionBehind(cluster, injector)
  const loaded = revision?.configuration
  const configuration = loaded?.kind === 'loaded' ? loaded.configuration : undefined
  const decision = configuration && decide(pod, namespace, configuration.decision)
  return { webhooks, injector, revision, configuration, decision, expected: expectation(cluster, webhooks, decision) }
}

/** Which webhooks the API server would call for a Pod. */
export function askWebhooks(
  cluster: Cluster,
  namespace: string,
  pod: JsonObject,
  labels: LabelMap | undefined = labelsOfNamespace(cluster, namespace),
): WebhookExplanation {
  return explainWebhooks({
    configurations: cluster.all('MutatingWebhookConfiguration'),
    namespace: { name: namespace, ...(labels === undefined ? {} : { labels }) },
    pod: asSent(pod, namespace),
  })
}

/** Undefined: not known. A namespace that does not exist has no labels. */
function labelsOfNamespace(cluster: Cluster, namespace: string): LabelMap | undefined {
  const labels = namespaceLabels(cluster).get(namespace)
  if (labels !== undefined) return labels
  return cluster.unread('Namespace') === undefined ? {} : undefined
}

/** The Pod as match conditions see it: the API server has filled in the namespace by then. */
function asSent(pod: JsonObject, namespace: string): JsonObject {
  const metadata = isObject(pod.metadata) ? pod.metadata : {}
  return { apiVersion: 'v1', kind: 'Pod', ...pod, metadata: { namespace, ...metadata } }
}

function expectation(
  cluster: Cluster,
  { outcome }: WebhookExplanation,
  decision: Decision | undefined,
): ExpectedOutcome {
  if (cluster.unread('MutatingWebhookConfiguration') !== undefined) return 'unknown'
  switch (outcome) {
    case 'none':
    case 'not-installed':
      return 'not-injected'
    case 'refused':
      return 'refused'
    case 'one':
      return decision === undefined ? 'unknown' : decision.injected ? 'injected' : 'not-injected'
    // Both inject; which one is the last cannot be said here, and INJ122 tells.
    case 'several':
      return 'injected'
    case 'unknown':
      return 'unknown'
  }
}
