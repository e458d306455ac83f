import { type Configuration, type Explanation, explainWorkload } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import type { Cluster } from '../cluster/cluster.ts'
import { namespaceLabels } from '../cluster/namespaces.ts'
import { revisionBehind, revisions } from '../mesh/revisions.ts'
import { nameOf, textAt } from '../reading.ts'
import type { ActualPod, WorkloadTrace } from '../report.ts'
import { sidecarOf } from './sidecar.ts'
import { livePods, type Subject } from './subjects.ts'
import { summaryOf } from './trace-summary.ts'
import { type Verdict, verdictOf } from './verdict.ts'

/** What would happen to a new Pod of the workload, step by step, what happened to those that there are, and why the two differ. */
export function workloadTrace(cluster: Cluster, subject: Subject): WorkloadTrace {
  const verdict = verdictOf(cluster, subject)
  const actual = livePods(subject).map(actualPod)
  return {
    object: subject.object,
    explanation: explain(cluster, subject, verdict),
    webhooks: verdict.webhooks,
    expected: verdict.expected,
    actual,
    summary: summaryOf(cluster, subject, verdict),
  }
}

function actualPod(pod: JsonObject): ActualPod {
  const { kind, revision } = sidecarOf(pod)
  return {
    name: nameOf(pod),
    sidecar: kind === 'marked' ? 'none' : kind,
    ...(revision === undefined || kind === 'none' ? {} : { revision }),
    created: textAt(pod, 'metadata', 'creationTimestamp'),
  }
}

function explain(cluster: Cluster, subject: Subject, verdict: Verdict): Explanation | undefined {
  const configuration = verdict.configuration ?? nearestConfiguration(cluster, verdict)
  if (configuration === undefined) return undefined
  const result = explainWorkload(explainedObject(subject), configuration, {
    namespace: subject.namespace,
    namespaces: knownNamespaces(cluster, subject),
    webhooks: cluster.all('MutatingWebhookConfiguration'),
  })
  return result.kind === 'explained' ? result.explanation : undefined
}

/** Kinds of which nobody knows the template are explained by a Pod of theirs. */
function explainedObject({ owner, template, templatePath, object, namespace, name }: Subject): JsonObject {
  if (owner !== undefined && templatePath.length > 0) return owner
  const { metadata = {}, spec = {} } = template
  const named = typeof metadata === 'object' && metadata !== null && !Array.isArray(metadata) ? metadata : {}
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, ...named },
    spec,
    ...podOnly(object.kind, owner),
  }
}

function podOnly(kind: string, owner: JsonObject | undefined): JsonObject {
  return kind === 'Pod' && owner !== undefined ? owner : {}
}

/** A namespace that does not exist has no labels; one that could not be read is not known. */
function knownNamespaces(cluster: Cluster, { namespace }: Subject): ReturnType<typeof namespaceLabels> {
  const known = namespaceLabels(cluster)
  return known.has(namespace) || cluster.unread('Namespace') !== undefined ? known : new Map([[namespace, {}]])
}

/** Where no injector (or several) would be called: what the one would decide that could be. */
function nearestConfiguration(cluster: Cluster, { webhooks }: Verdict): Configuration | undefined {
  const called = webhooks.injectors.find(({ verdict }) => verdict.called === true)?.injector
  const wanted = called ?? webhooks.nearest[0]?.calls
  const all = revisions(cluster)
  const injector = all
    .flatMap(({ injectors }) => injectors)
    .find((one) => one.configuration === wanted?.configuration && one.index === wanted.index)
  // When one would be called and its configuration is not known, another one's would mislead.
  if (webhooks.outcome === 'one' || webhooks.outcome === 'unknown') return undefined
  const candidates = [injector && revisionBehind(cluster, injector), ...all]
  for (const revision of candidates) {
    if (revision?.configuration.kind === 'loaded') return revision.configuration.configuration
  }
  return undefined
}
