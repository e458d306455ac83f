import type { MutatingWebhook, Rule } from './configuration.ts'
import type { AdmissionRequest, GroupVersionResource } from './request.ts'
import { type Found, found, step, type WebhookStep } from './verdict.ts'

/**
 * Sets of resources that are the same objects under different names, for `matchPolicy: Equivalent`.
 * The API server knows them from its own storage; these are the ones it has had in recent releases.
 * Pods have one name only.
 */
export const DEFAULT_EQUIVALENCES: readonly (readonly GroupVersionResource[])[] = [
  [
    { group: '', version: 'v1', resource: 'events' },
    { group: 'events.k8s.io', version: 'v1', resource: 'events' },
  ],
  [
    { group: 'autoscaling', version: 'v1', resource: 'horizontalpodautoscalers' },
    { group: 'autoscaling', version: 'v2', resource: 'horizontalpodautoscalers' },
  ],
]

type RulePart = 'scope' | 'operations' | 'apiGroups' | 'apiVersions' | 'resources'

/**
 * Whether one of the rules covers the request. With `matchPolicy: Equivalent` the rules are tried with the
 * request's own resource first and then with its equivalents, rules in order.
 */
export function askRules(
  webhook: MutatingWebhook,
  request: AdmissionRequest,
  equivalences: readonly (readonly GroupVersionResource[])[] = DEFAULT_EQUIVALENCES,
): WebhookStep {
  if (webhook.rules.length === 0) return step('rules', 'fail', 'no-rules', [found('webhook.rules', [])])
  const exact = webhook.rules.findIndex((rule) => mismatches(rule, request, request).length === 0)
  if (exact >= 0) return step('rules', 'pass', 'rule-matches', requested(request), { params: { rule: exact } })
  if (webhook.matchPolicy === 'Equivalent') {
    const others = equivalentsOf(request, equivalences)
    for (const [index, rule] of webhook.rules.entries()) {
      const other = others.find((candidate) => mismatches(rule, request, candidate).length === 0)
      if (other === undefined) continue
      const params = { rule: index, resource: nameOf(other) }
      return step('rules', 'pass', 'rule-matches-equivalent', requested(request), { params })
    }
  }
  return step('rules', 'fail', 'no-rule-matches', evidence(webhook, request), { params: nearest(webhook, request) })
}

function equivalentsOf(
  request: AdmissionRequest,
  equivalences: readonly (readonly GroupVersionResource[])[],
): readonly GroupVersionResource[] {
  const own = nameOf(request)
  return equivalences
    .filter((set) => set.some((member) => nameOf(member) === own))
    .flat()
    .filter((member) => nameOf(member) !== own)
}

function nameOf(resource: GroupVersionResource): string {
  return `${resource.group}/${resource.version}/${resource.resource}`
}

/** The parts of a rule that do not fit, in the order in which the API server compares them. */
function mismatches(rule: Rule, request: AdmissionRequest, resource: GroupVersionResource): RulePart[] {
  const parts: RulePart[] = []
  if (!scopeFits(rule.scope, request, resource)) parts.push('scope')
  if (!listFits(rule.operations, request.operation)) parts.push('operations')
  if (!listFits(rule.apiGroups, resource.group)) parts.push('apiGroups')
  if (!listFits(rule.apiVersions, resource.version)) parts.push('apiVersions')
  if (!rule.resources.some((pattern) => resourceFits(pattern, resource.resource, request.subResource ?? ''))) {
    parts.push('resources')
  }
  return parts
}

function listFits(items: readonly string[], asked: string): boolean {
  return items.includes('*') || items.includes(asked)
}

/** A Namespace is cluster-scoped although a request on it carries its own name as namespace. */
function scopeFits(scope: string, request: AdmissionRequest, resource: GroupVersionResource): boolean {
  const clusterScoped = request.namespace === '' || nameOf(resource) === '/v1/namespaces'
  if (scope === '*') return true
  if (scope === 'Namespaced') return !clusterScoped
  return scope === 'Cluster' && clusterScoped
}

/** `pods`, `pods/status`, `pods/*`, `*`, `*\/*`, `*\/scale`. Without a slash only the resource itself is meant. */
function resourceFits(pattern: string, resource: string, subResource: string): boolean {
  const slash = pattern.indexOf('/')
  const main = slash < 0 ? pattern : pattern.slice(0, slash)
  const sub = slash < 0 ? '' : pattern.slice(slash + 1)
  return (main === '*' || main === resource) && (sub === '*' || sub === subResource)
}

function requested(request: AdmissionRequest): Found[] {
  const { group, version, resource, subResource = '' } = request
  const all = { group, version, resource: subResource === '' ? resource : `${resource}/${subResource}` }
  return [found('request.operation', request.operation), found('request.resource', all)]
}

/** The rule with the fewest parts that differ, and those parts. */
function nearest(webhook: MutatingWebhook, request: AdmissionRequest): { rule: number; mismatch: string } {
  let best: { rule: number; parts: RulePart[] } | undefined
  for (const [rule, one] of webhook.rules.entries()) {
    const parts = mismatches(one, request, request)
    if (best === undefined || parts.length < best.parts.length) best = { rule, parts }
  }
  return { rule: best?.rule ?? 0, mismatch: (best?.parts ?? []).join(',') }
}

function evidence(webhook: MutatingWebhook, request: AdmissionRequest): Found[] {
  const { rule, mismatch } = nearest(webhook, request)
  const differing = mismatch.split(',') as RulePart[]
  const values = differing.map((part) => found(`webhook.rules[${rule}].${part}`, webhook.rules[rule]?.[part]))
  return [...requested(request), ...values]
}
