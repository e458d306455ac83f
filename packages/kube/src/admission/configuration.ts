import { getOwn, isArray, isObject, type Json, type JsonObject } from '../json.ts'
import type { LabelMap } from './request.ts'

/** A `MutatingWebhookConfiguration` as JSON. Anything may be missing or of the wrong type. */
export type MutatingWebhookConfiguration = JsonObject

/** One entry of `rules`, wrong parts left out. */
export interface Rule {
  readonly operations: readonly string[]
  readonly apiGroups: readonly string[]
  readonly apiVersions: readonly string[]
  readonly resources: readonly string[]
  /** `*`, `Namespaced`, `Cluster`, or something that matches nothing. */
  readonly scope: string
}

/** One entry of `matchConditions`. */
export interface MatchCondition {
  readonly name: string
  readonly expression: string
}

/** One webhook with the API server's defaults filled in. */
export interface MutatingWebhook {
  readonly name: string
  readonly rules: readonly Rule[]
  readonly matchPolicy: 'Exact' | 'Equivalent'
  readonly failurePolicy: 'Fail' | 'Ignore'
  /** Absent: not set, which the API accepts in `v1beta1` only. */
  readonly sideEffects?: string
  readonly reinvocationPolicy: string
  /** LabelSelector as JSON; `{}` when not set. */
  readonly namespaceSelector: Json
  readonly objectSelector: Json
  readonly matchConditions: readonly MatchCondition[]
  readonly clientConfig: JsonObject
}

/** A configuration with the API server's defaults filled in. */
export interface WebhookConfiguration {
  readonly name: string
  readonly labels: LabelMap
  readonly webhooks: readonly MutatingWebhook[]
}

/**
 * Reads a configuration leniently: a part of the wrong type counts as absent, so that this never throws.
 * Defaults are those of the version it is written in: `v1beta1` has failurePolicy Ignore and matchPolicy Exact,
 * `v1` Fail and Equivalent (defaulting of admissionregistration.k8s.io).
 */
export function readWebhookConfiguration(configuration: MutatingWebhookConfiguration): WebhookConfiguration {
  const known = alreadyRead.get(configuration)
  if (known !== undefined) return known
  const fresh = read(configuration)
  alreadyRead.set(configuration, fresh)
  return fresh
}

/** A few configurations are asked about thousands of Pods. JSON values are not changed once they are shared. */
const alreadyRead = new WeakMap<MutatingWebhookConfiguration, WebhookConfiguration>()

function read(configuration: MutatingWebhookConfiguration): WebhookConfiguration {
  const metadata = objectAt(configuration, 'metadata')
  const beta = getOwn(configuration, 'apiVersion') === 'admissionregistration.k8s.io/v1beta1'
  const webhooks = listAt(configuration, 'webhooks').filter(isObject)
  return {
    name: stringAt(metadata, 'name') ?? '',
    labels: readLabels(getOwn(metadata, 'labels')),
    webhooks: webhooks.map((webhook) => readWebhook(webhook, beta)),
  }
}

function readWebhook(webhook: JsonObject, beta: boolean): MutatingWebhook {
  const sideEffects = stringAt(webhook, 'sideEffects') ?? (beta ? 'Unknown' : undefined)
  const failurePolicy = stringAt(webhook, 'failurePolicy') ?? (beta ? 'Ignore' : 'Fail')
  const matchPolicy = stringAt(webhook, 'matchPolicy') ?? (beta ? 'Exact' : 'Equivalent')
  return {
    name: stringAt(webhook, 'name') ?? '',
    rules: listAt(webhook, 'rules').filter(isObject).map(readRule),
    matchPolicy: matchPolicy === 'Exact' ? 'Exact' : 'Equivalent',
    failurePolicy: failurePolicy === 'Ignore' ? 'Ignore' : 'Fail',
    ...(sideEffects === undefined ? {} : { sideEffects }),
    reinvocationPolicy: stringAt(webhook, 'reinvocationPolicy') ?? 'Never',
    namespaceSelector: getOwn(webhook, 'namespaceSelector') ?? {},
    objectSelector: getOwn(webhook, 'objectSelector') ?? {},
    matchConditions: listAt(webhook, 'matchConditions').filter(isObject).map(readCondition),
    clientConfig: objectAt(webhook, 'clientConfig'),
  }
}

function readRule(rule: JsonObject): Rule {
  return {
    operations: stringsAt(rule, 'operations'),
    apiGroups: stringsAt(rule, 'apiGroups'),
    apiVersions: stringsAt(rule, 'apiVersions'),
    resources: stringsAt(rule, 'resources'),
    scope: stringAt(rule, 'scope') ?? '*',
  }
}

function readCondition(condition: JsonObject): MatchCondition {
  return { name: stringAt(condition, 'name') ?? '', expression: stringAt(condition, 'expression') ?? '' }
}

/** Labels of any JSON value: the pairs that are strings. Safe with a key `__proto__`. */
function readLabels(value: Json | undefined): LabelMap {
  const labels: Record<string, string> = Object.create(null)
  if (!isObject(value)) return labels
  for (const [key, text] of Object.entries(value)) if (typeof text === 'string') labels[key] = text
  return labels
}

/** The labels of an object; none when it has no readable metadata. */
export function labelsOf(object: JsonObject): LabelMap {
  return readLabels(getOwn(objectAt(object, 'metadata'), 'labels'))
}

function objectAt(object: JsonObject, key: string): JsonObject {
  const value = getOwn(object, key)
  return isObject(value) ? value : {}
}

function listAt(object: JsonObject, key: string): readonly Json[] {
  const value = getOwn(object, key)
  return isArray(value) ? value : []
}

function stringAt(object: JsonObject, key: string): string | undefined {
  const value = getOwn(object, key)
  return typeof value === 'string' ? value : undefined
}

function stringsAt(object: JsonObject, key: string): readonly string[] {
  return listAt(object, key).filter((item) => typeof item === 'string')
}
