import { getOwn, isObject, type LabelMap, labelsOf, type WebhookVerdict } from '@proa/kube'
import { ANNOTATION, LABEL } from '../names.ts'
import { nearest } from '../suggest.ts'
import type { InjectorVerdict, InjectorWebhook, WebhookFinding, WebhookOutcome, WebhookQuestion } from './types.ts'

const INJECTION_LABEL = 'istio-injection'

interface Situation {
  readonly question: WebhookQuestion
  readonly outcome: WebhookOutcome
  readonly injectors: readonly InjectorVerdict[]
  readonly others: readonly WebhookVerdict[]
  readonly target: InjectorWebhook | undefined
}

/** What a user should know beyond the outcome: surprises that Istio wants, and mistakes. */
export function findings(situation: Situation): WebhookFinding[] {
  return [
    ...refusal(situation),
    ...several(situation),
    ...deactivated(situation),
    ...unknownRevisions(situation),
    ...precedence(situation),
    ...unheard(situation),
  ]
}

function refusal({ injectors, others }: Situation): WebhookFinding[] {
  const verdicts = [...others, ...injectors.map(({ verdict }) => verdict)]
  const refusing = verdicts.filter((verdict) => verdict.rejected)
  return refusing.map((verdict) => ({
    code: 'request-refused',
    params: { webhook: `${verdict.configuration}/${verdict.webhook}`, reason: verdict.reason },
  }))
}

function several({ injectors }: Situation): WebhookFinding[] {
  const called = injectors.filter(({ verdict }) => verdict.called === true)
  if (called.length < 2) return []
  const webhooks = called.map(({ injector }) => `${injector.configuration}/${injector.webhook}`).join(',')
  return [{ code: 'several-would-inject', params: { webhooks } }]
}

function deactivated({ injectors }: Situation): WebhookFinding[] {
  const all = injectors.length > 0 && injectors.every(({ injector }) => injector.deactivated)
  return all ? [{ code: 'all-deactivated', params: {} }] : []
}

/** A revision that is neither a revision nor a tag is mostly a slip of the pen or a control plane that is gone. */
function unknownRevisions({ question, injectors }: Situation): WebhookFinding[] {
  if (injectors.length === 0) return []
  const active = injectors.filter(({ injector }) => !injector.deactivated)
  const known = new Set(active.map(({ injector }) => injector.tag ?? injector.revision))
  return revisions(question)
    .filter(({ revision }) => !known.has(revision))
    .map(({ on, revision }) => {
      const meant = nearest(revision, known)
      const params = { on, revision, known: [...known].toSorted().join(','), ...(meant === undefined ? {} : { meant }) }
      return { code: 'unknown-revision', params }
    })
}

function revisions(question: WebhookQuestion): { on: 'namespace' | 'pod'; revision: string }[] {
  const namespace = value(question.namespace.labels, LABEL.revision)
  const pod = value(labelsOf(question.pod), LABEL.revision)
  return [
    ...(namespace === undefined ? [] : [{ on: 'namespace' as const, revision: namespace }]),
    ...(pod === undefined ? [] : [{ on: 'pod' as const, revision: pod }]),
  ]
}

/** Which label wins when several speak; both rules are Istio's and surprise people. */
function precedence({ question, target }: Situation): WebhookFinding[] {
  if (target === undefined) return []
  const reached = new Set([target.revision, target.tag])
  const ignored = revisions(question).filter(({ revision }) => !reached.has(revision))
  if (value(question.namespace.labels, INJECTION_LABEL) === 'enabled') {
    return ignored.map(({ on, revision }) => ({
      code: 'injection-label-wins-over-revision',
      params: { on, revision, target: target.revision },
    }))
  }
  const namespaceRevision = value(question.namespace.labels, LABEL.revision)
  const podRevision = value(labelsOf(question.pod), LABEL.revision)
  if (namespaceRevision === undefined || podRevision === undefined || reached.has(podRevision)) return []
  return [{ code: 'namespace-revision-wins-over-pod', params: { namespaceRevision, podRevision } }]
}

/** The Pod asks for injection where no webhook hears it. */
function unheard({ question, outcome }: Situation): WebhookFinding[] {
  if (outcome !== 'none') return []
  const byLabel = value(labelsOf(question.pod), LABEL.inject)
  const forbidding = value(question.namespace.labels, INJECTION_LABEL)
  if (byLabel === 'true' && forbidding !== undefined && forbidding !== 'enabled') {
    return [{ code: 'namespace-forbids', params: { label: INJECTION_LABEL, value: forbidding } }]
  }
  if (byLabel !== undefined || injectAnnotation(question) !== 'true') return []
  return [{ code: 'annotation-not-seen', params: { annotation: ANNOTATION.inject, label: LABEL.inject } }]
}

function injectAnnotation({ pod }: WebhookQuestion): unknown {
  const metadata = getOwn(pod, 'metadata')
  const annotations = isObject(metadata) ? getOwn(metadata, 'annotations') : undefined
  return isObject(annotations) ? getOwn(annotations, ANNOTATION.inject) : undefined
}

function value(labels: LabelMap | undefined, key: string): string | undefined {
  return labels !== undefined && Object.hasOwn(labels, key) ? labels[key] : undefined
}
