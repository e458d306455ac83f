import {
  type AdmissionRequest,
  getOwn,
  isObject,
  type JsonObject,
  type LabelMap,
  labelsOf,
  podCreation,
  readWebhookConfiguration,
  selectWebhooks,
  type WebhookVerdict,
} from '@proa/kube'
import { findings } from './findings.ts'
import { findInjectors } from './injectors.ts'
import { nearestChanges } from './nearest.ts'
import type {
  InjectorVerdict,
  InjectorWebhook,
  LabelChange,
  WebhookExplanation,
  WebhookOutcome,
  WebhookQuestion,
} from './types.ts'

/**
 * Which injection webhook the API server calls for a Pod, why, and what would have to change.
 *
 * Never throws for JSON, however odd.
 */
export function explainWebhooks(question: WebhookQuestion): WebhookExplanation {
  const known = findInjectors(question.configurations)
  const { injectors, others } = ask(question, known)
  const outcome = outcomeOf(injectors, others)
  const target = outcome === 'one' ? injectors.find(({ verdict }) => verdict.called === true)?.injector : undefined
  let nearest: readonly LabelChange[] | undefined
  return {
    outcome,
    ...(target === undefined ? {} : { target }),
    injectors,
    others,
    findings: findings({ question, outcome, injectors, others, target }),
    get nearest() {
      nearest ??= nearestTo(question, known, outcome)
      return nearest
    },
  }
}

/** The request that the API server judges. */
function admissionRequest({ namespace, pod, operation, userInfo }: WebhookQuestion): AdmissionRequest {
  return {
    ...podCreation(namespace.name, pod, namespace.labels),
    ...(operation === undefined ? {} : { operation }),
    ...(userInfo === undefined ? {} : { userInfo }),
  }
}

interface Answer {
  readonly injectors: readonly InjectorVerdict[]
  readonly others: readonly WebhookVerdict[]
}

function ask(question: WebhookQuestion, known: readonly InjectorWebhook[]): Answer {
  const injectors: InjectorVerdict[] = []
  const others: WebhookVerdict[] = []
  for (const verdict of selectWebhooks(question.configurations, admissionRequest(question))) {
    const injector = known.find((one) => one.configuration === verdict.configuration && one.index === verdict.index)
    if (injector === undefined) others.push(verdict)
    else injectors.push({ injector, verdict })
  }
  return { injectors, others }
}

function outcomeOf(injectors: readonly InjectorVerdict[], others: readonly WebhookVerdict[]): WebhookOutcome {
  if (injectors.length === 0) return 'not-installed'
  const refused = (verdict: WebhookVerdict): boolean => verdict.rejected
  if (others.some(refused) || injectors.some(({ verdict }) => refused(verdict))) return 'refused'
  if (injectors.some(({ verdict }) => verdict.called === 'unknown')) return 'unknown'
  const called = injectors.filter(({ verdict }) => verdict.called === true).length
  return called === 0 ? 'none' : called === 1 ? 'one' : 'several'
}

/** Nothing is proposed where something is unknown or refused: labels are not what is missing then. */
function nearestTo(
  question: WebhookQuestion,
  known: readonly InjectorWebhook[],
  outcome: WebhookOutcome,
): readonly LabelChange[] {
  const { labels } = question.namespace
  if (labels === undefined || outcome === 'not-installed' || outcome === 'refused' || outcome === 'unknown') return []
  const goal = outcome === 'one' ? 'none' : 'one'
  const names = new Set(known.map((injector) => injector.configuration))
  const configurations = question.configurations.filter((one) => names.has(readWebhookConfiguration(one).name))
  const candidate = goal === 'one' ? withoutHostNetwork(question.pod) : question.pod
  return nearestChanges({ namespace: labels, pod: labelsOf(candidate) }, goal, (labelled) => {
    const namespace = { ...question.namespace, labels: labelled.namespace }
    const pod = withLabels(candidate, labelled.pod)
    const { injectors, others } = ask({ ...question, configurations, namespace, pod }, known)
    return { injectors, outcome: outcomeOf(injectors, others) }
  })
}

/** No label brings a sidecar to the network of a node, which has to be left in any case; match conditions may look at it too. */
function withoutHostNetwork(pod: JsonObject): JsonObject {
  const spec = getOwn(pod, 'spec')
  if (!isObject(spec) || getOwn(spec, 'hostNetwork') !== true) return pod
  return { ...pod, spec: { ...spec, hostNetwork: false } }
}

function withLabels(pod: JsonObject, labels: LabelMap): JsonObject {
  const metadata = getOwn(pod, 'metadata')
  return { ...pod, metadata: { ...(isObject(metadata) ? metadata : {}), labels } }
}
