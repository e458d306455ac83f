import { evaluate } from '@marcbachmann/cel-js'
import { type JsonObject, podCreation, selectWebhooks } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { installationManifests } from '../installation.ts'
import type { InstallationOptions } from '../options.ts'

interface Policy {
  readonly variables: readonly { name: string; expression: string }[]
  readonly matchConditions: readonly { expression: string }[]
  readonly validations: readonly { expression: string; message: string }[]
}

function guarded(options: InstallationOptions): { policies: Policy[]; webhooks: JsonObject[] } {
  const objects = installationManifests({ ...options, guard: { actions: ['Deny'] } })
  const policies = objects.filter(({ kind }) => kind === 'ValidatingAdmissionPolicy')
  return {
    policies: policies.map(({ spec }) => spec as unknown as Policy),
    webhooks: objects.filter(({ kind }) => kind === 'MutatingWebhookConfiguration'),
  }
}

interface Question {
  readonly namespace: string
  readonly namespaceLabels: Record<string, string> | undefined
  readonly pod: JsonObject
}

/** What the API server does with a policy: nothing when a condition is false, else all validations have to hold. */
function refused(policy: Policy, { namespace, namespaceLabels, pod }: Question): boolean {
  const variables: Record<string, unknown> = {}
  const known = {
    object: pod,
    namespaceObject: { metadata: namespaceLabels === undefined ? {} : { labels: namespaceLabels } },
    request: { namespace },
    variables,
  }
  const holds = ({ expression }: { expression: string }) => evaluate(expression, known) === true
  if (!policy.matchConditions.every(holds)) return false
  for (const { name, expression } of policy.variables) variables[name] = evaluate(expression, known)
  return !policy.validations.every(holds)
}

const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined })
const revision = fc.constantFrom('default', 'canary', 'prod', 'other')
const labelled = (keys: Record<string, fc.Arbitrary<string>>) =>
  fc.record(keys, { requiredKeys: [] }) as fc.Arbitrary<Record<string, string>>
const question: fc.Arbitrary<Question> = fc.record({
  namespace: fc.constantFrom('shop', 'istio-system', 'kube-system'),
  namespaceLabels: maybe(
    labelled({ 'istio-injection': fc.constantFrom('enabled', 'disabled'), 'istio.io/rev': revision }),
  ),
  pod: fc
    .record({
      labels: maybe(
        labelled({
          'sidecar.istio.io/inject': fc.constantFrom('true', 'false'),
          'istio.io/rev': revision,
          'app.kubernetes.io/name': fc.constantFrom('proa-injector', 'web'),
        }),
      ),
      annotations: maybe(
        labelled({ 'sidecar.istio.io/inject': fc.constant('true'), 'kubernetes.io/config.mirror': fc.constant('x') }),
      ),
      hostNetwork: maybe(fc.boolean()),
    })
    .map(({ labels, annotations, hostNetwork }) => ({
      metadata: { ...(labels === undefined ? {} : { labels }), ...(annotations === undefined ? {} : { annotations }) },
      spec: hostNetwork === undefined ? {} : { hostNetwork },
    })),
})

describe('the guard', () => {
  it.each<InstallationOptions>([
    {},
    { injectUnlabelledNamespaces: true },
    { revision: 'canary' },
    { revision: 'canary', tags: ['prod', 'default'] },
    { deactivated: true, tags: ['prod'] },
  ])('refuses just the Pods that the webhook of %j is called for, when they come without a sidecar', (options) => {
    const { policies, webhooks } = guarded(options)
    fc.assert(
      fc.property(question, (asked) => {
        const request = podCreation(asked.namespace, asked.pod, asked.namespaceLabels ?? {})
        const called = selectWebhooks(webhooks, request).some((verdict) => verdict.called === true)
        expect(policies.some((policy) => refused(policy, asked))).toBe(called)
      }),
      { seed: 4, numRuns: 600 },
    )
  })

  const [policy = { variables: [], matchConditions: [], validations: [] }] = guarded({}).policies
  const shop = { namespace: 'shop', namespaceLabels: { 'istio-injection': 'enabled' } }
  const pod = (labels: Record<string, string>, annotations: Record<string, string>) => ({
    ...shop,
    pod: { metadata: { labels, annotations }, spec: {} },
  })

  it('lets injected Pods and those that refuse pass', () => {
    expect(refused(policy, pod({}, {}))).toBe(true)
    expect(refused(policy, pod({}, { 'sidecar.istio.io/status': '{}' }))).toBe(false)
    expect(refused(policy, pod({}, { 'sidecar.istio.io/inject': 'false' }))).toBe(false)
    expect(refused(policy, pod({ 'sidecar.istio.io/inject': 'true' }, { 'sidecar.istio.io/inject': 'false' }))).toBe(
      true,
    )
    expect(refused(policy, pod({ 'sidecar.istio.io/inject': 'no' }, {}))).toBe(false)
  })

  it('makes the webhook fail open unless it only reports', () => {
    const policyOf = (actions: readonly ('Deny' | 'Warn' | 'Audit')[]) =>
      installationManifests({ guard: { actions } })
        .filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
        .flatMap(({ webhooks }) => (webhooks as { failurePolicy: string }[]).map(({ failurePolicy }) => failurePolicy))
    expect(new Set(policyOf(['Deny', 'Audit']))).toEqual(new Set(['Ignore']))
    expect(new Set(policyOf(['Warn', 'Audit']))).toEqual(new Set(['Fail']))
  })

  it('is refused itself when the configuration leaves Pods out on purpose, which no label shows', () => {
    const withConfig = (config: string) => () =>
      installationManifests({ guard: { actions: ['Deny'] }, configuration: { from: 'own', texts: { config } } })
    expect(withConfig('policy: disabled\ntemplates: {}')).toThrow(
      'guard: the policy of the configuration is "disabled"',
    )
    expect(withConfig('policy: enabled\nneverInjectSelector: [{matchLabels: {a: b}}]')).toThrow('neverInjectSelector')
  })
})
