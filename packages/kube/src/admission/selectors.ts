import { formatPath, isObject, type Json, type JsonObject } from '../json.ts'
import {
  explainSelector,
  isEmptySelector,
  type LabelSelector,
  parseLabelSelector,
  type RequirementResult,
  SelectorError,
} from '../selector.ts'
import { labelsOf, type MutatingWebhook } from './configuration.ts'
import { type AdmissionRequest, type LabelMap, NAMESPACE_NAME_LABEL } from './request.ts'
import { type Found, found, step, type WebhookStep } from './verdict.ts'

/**
 * The namespaceSelector, as the API server reads it: cluster-scoped objects other than Namespaces are never
 * excluded by it; a Namespace that is created or updated is judged by its own new labels; everything else by the
 * labels of the stored namespace.
 */
export function askNamespaceSelector(webhook: MutatingWebhook, request: AdmissionRequest): WebhookStep {
  const id = 'namespaceSelector'
  if (request.namespace === '' && request.resource !== 'namespaces') {
    return step(id, 'pass', 'namespace-not-asked', [found('request.namespace', '')])
  }
  const selector = readSelector(webhook.namespaceSelector)
  if (selector instanceof SelectorError) {
    return invalid(id, 'namespace-selector-invalid', webhook.namespaceSelector, selector)
  }
  if (isEmptySelector(selector)) return step(id, 'pass', 'namespace-selector-empty')
  const labels = namespaceLabels(request)
  if (labels === undefined) return askByNameAlone(selector, request.namespace)
  const explanation = explainSelector(selector, labels)
  const rest = { requirements: explanation.results }
  const evidence = labelEvidence(writesNamespace(request) ? 'object' : 'namespace', explanation.results)
  return explanation.matches
    ? step(id, 'pass', 'namespace-selector-matches', evidence, rest)
    : step(id, 'fail', 'namespace-selector-mismatch', evidence, rest)
}

/** The objectSelector: it is enough that the new or the old object matches. */
export function askObjectSelector(webhook: MutatingWebhook, request: AdmissionRequest): WebhookStep {
  const id = 'objectSelector'
  const selector = readSelector(webhook.objectSelector)
  if (selector instanceof SelectorError) {
    return invalid(id, 'object-selector-invalid', webhook.objectSelector, selector)
  }
  if (isEmptySelector(selector)) return step(id, 'pass', 'object-selector-empty')
  const now = explainObject(selector, 'object', request.object)
  if (now?.matches) {
    return step(id, 'pass', 'object-selector-matches', now.evidence, { requirements: now.requirements })
  }
  const old = explainObject(selector, 'oldObject', request.oldObject)
  if (old?.matches) {
    return step(id, 'pass', 'object-selector-matches-old', old.evidence, { requirements: old.requirements })
  }
  const missed = now ?? old
  return step(id, 'fail', 'object-selector-mismatch', missed?.evidence ?? [found('request.object', undefined)], {
    requirements: missed?.requirements ?? explainSelector(selector, {}).results,
  })
}

function explainObject(selector: LabelSelector, name: 'object' | 'oldObject', object: JsonObject | null | undefined) {
  if (object === null || object === undefined) return undefined
  const { matches, results } = explainSelector(selector, labelsOf(object))
  return { matches, requirements: results, evidence: labelEvidence(name, results) }
}

/** Selectors by their JSON: few of them are asked about many objects, and reading validates every key and value. */
const alreadyRead = new WeakMap<JsonObject, LabelSelector | SelectorError>()

function readSelector(value: Json): LabelSelector | SelectorError {
  const known = isObject(value) ? alreadyRead.get(value) : undefined
  const selector = known ?? parseSelector(value)
  if (isObject(value)) alreadyRead.set(value, selector)
  return selector
}

function parseSelector(value: Json): LabelSelector | SelectorError {
  try {
    return parseLabelSelector(value)
  } catch (error) {
    if (error instanceof SelectorError) return error
    throw error
  }
}

/** Admission of a broken selector ends with an internal error of the API server, so the request is refused. */
function invalid(
  id: 'namespaceSelector' | 'objectSelector',
  reason: 'namespace-selector-invalid' | 'object-selector-invalid',
  value: Json,
  error: SelectorError,
): WebhookStep {
  return step(id, 'reject', reason, [found(`webhook.${id}`, value)], {
    detail: error.path === '' ? error.message : `${error.path}: ${error.message}`,
  })
}

/** The stored namespace does not have the labels of the request yet. */
function writesNamespace(request: AdmissionRequest): boolean {
  const { resource, subResource = '', operation } = request
  return resource === 'namespaces' && subResource === '' && (operation === 'CREATE' || operation === 'UPDATE')
}

function namespaceLabels(request: AdmissionRequest): LabelMap | undefined {
  if (!writesNamespace(request)) return withName(request.namespaceLabels, request.namespace)
  const object = request.object ?? undefined
  return object === undefined ? undefined : withName(labelsOf(object), request.namespace || request.name)
}

function withName(labels: LabelMap | undefined, name: string): LabelMap | undefined {
  if (labels === undefined || name === '' || Object.hasOwn(labels, NAMESPACE_NAME_LABEL)) return labels
  return { ...labels, [NAMESPACE_NAME_LABEL]: name }
}

/**
 * Without the labels, only conditions on the namespace's name can be judged. One that fails decides; if there are
 * no others the selector matches; else nobody knows.
 */
function askByNameAlone(selector: LabelSelector, namespace: string): WebhookStep {
  const onName = selector.requirements.filter((requirement) => requirement.key === NAMESPACE_NAME_LABEL)
  const { matches, results } = explainSelector({ requirements: onName }, { [NAMESPACE_NAME_LABEL]: namespace })
  const evidence = labelEvidence('namespace', results)
  const rest = { requirements: results }
  if (!matches) return step('namespaceSelector', 'fail', 'namespace-selector-mismatch', evidence, rest)
  if (onName.length === selector.requirements.length) {
    return step('namespaceSelector', 'pass', 'namespace-selector-matches', evidence, rest)
  }
  return step(
    'namespaceSelector',
    'unknown',
    'namespace-labels-unknown',
    [found('namespace.metadata.labels', undefined)],
    {
      params: { namespace },
    },
  )
}

/** Each label that the selector asks for, once. */
function labelEvidence(root: 'namespace' | 'object' | 'oldObject', results: readonly RequirementResult[]): Found[] {
  const values = new Map(results.map((result) => [result.requirement.key, result.found]))
  return [...values].map(([key, value]) => found(formatPath([root, 'metadata', 'labels', key]), value))
}
