import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject } from '../json.ts'
import { type AdmissionRequest, podCreation } from './request.ts'
import { selectWebhooks } from './select.ts'
import type { WebhookReason, WebhookVerdict } from './verdict.ts'

const podRule = { operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }

function configuration(name: string, ...webhooks: JsonObject[]): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name },
    webhooks: webhooks.map((webhook, index) => ({ name: `w${index}.example.com`, rules: [podRule], ...webhook })),
  }
}

function pod(labels: Record<string, string> = {}): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels }, spec: { containers: [] } }
}

function only(webhook: JsonObject, request: AdmissionRequest): WebhookVerdict {
  const verdicts = selectWebhooks([configuration('c', webhook)], request)
  expect(verdicts).toHaveLength(1)
  return verdicts[0] as WebhookVerdict
}

function expression(key: string, operator: string, ...values: string[]): JsonObject {
  return { matchExpressions: [{ key, operator, ...(values.length > 0 ? { values } : {}) }] }
}

describe('which webhooks the API server calls', () => {
  it('in the order of the configurations’ names, webhooks as written', () => {
    const verdicts = selectWebhooks([configuration('b', {}), configuration('a', {}, {})], podCreation('shop', pod()))
    expect(verdicts.map((one) => `${one.configuration}/${one.webhook}`)).toEqual([
      'a/w0.example.com',
      'a/w1.example.com',
      'b/w0.example.com',
    ])
    expect(verdicts.every((one) => one.called === true)).toBe(true)
  })

  const creation = podCreation('shop', pod({ app: 'web' }), { 'istio-injection': 'enabled' })
  const table: [string, JsonObject, AdmissionRequest, WebhookVerdict['called'], WebhookReason][] = [
    ['a webhook without rules', { rules: [] }, creation, false, 'no-rules'],
    ['another operation', { rules: [{ ...podRule, operations: ['UPDATE'] }] }, creation, false, 'no-rule-matches'],
    ['every operation', { rules: [{ ...podRule, operations: ['*'] }] }, creation, true, 'no-match-conditions'],
    ['another version', { rules: [{ ...podRule, apiVersions: ['v2'] }] }, creation, false, 'no-rule-matches'],
    ['subresources only', { rules: [{ ...podRule, resources: ['pods/*'] }] }, creation, true, 'no-match-conditions'],
    ['one subresource', { rules: [{ ...podRule, resources: ['pods/status'] }] }, creation, false, 'no-rule-matches'],
    ['cluster scope', { rules: [{ ...podRule, scope: 'Cluster' }] }, creation, false, 'no-rule-matches'],
    ['namespaced scope', { rules: [{ ...podRule, scope: 'Namespaced' }] }, creation, true, 'no-match-conditions'],
    [
      'opt-in namespaces: label there',
      { namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } } },
      creation,
      true,
      'no-match-conditions',
    ],
    [
      'opt-in namespaces: label missing',
      { namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } } },
      podCreation('shop', pod(), {}),
      false,
      'namespace-selector-mismatch',
    ],
    [
      'opt-out namespaces: label missing',
      { namespaceSelector: expression('istio-injection', 'NotIn', 'disabled') },
      podCreation('shop', pod(), {}),
      true,
      'no-match-conditions',
    ],
    [
      'opt-out namespaces: disabled',
      { namespaceSelector: expression('istio-injection', 'NotIn', 'disabled') },
      podCreation('shop', pod(), { 'istio-injection': 'disabled' }),
      false,
      'namespace-selector-mismatch',
    ],
    [
      'labels of the namespace not given',
      { namespaceSelector: expression('istio-injection', 'NotIn', 'disabled') },
      podCreation('shop', pod()),
      'unknown',
      'namespace-labels-unknown',
    ],
    [
      'not given, but the name decides',
      { namespaceSelector: expression('kubernetes.io/metadata.name', 'NotIn', 'kube-system') },
      podCreation('kube-system', pod()),
      false,
      'namespace-selector-mismatch',
    ],
    [
      'the name label is implied',
      { namespaceSelector: expression('kubernetes.io/metadata.name', 'In', 'shop') },
      creation,
      true,
      'no-match-conditions',
    ],
    [
      'unknown namespace, but the object decides',
      {
        namespaceSelector: expression('istio-injection', 'Exists'),
        objectSelector: expression('sidecar.istio.io/inject', 'In', 'true'),
      },
      podCreation('shop', pod()),
      false,
      'object-selector-mismatch',
    ],
    [
      'a broken selector refuses the request',
      { objectSelector: expression('app', 'In') },
      creation,
      false,
      'object-selector-invalid',
    ],
    [
      'a broken selector of a webhook that is for others does not matter',
      { objectSelector: expression('app', 'In'), rules: [{ ...podRule, resources: ['services'] }] },
      creation,
      false,
      'no-rule-matches',
    ],
    [
      'a false condition',
      { matchConditions: [{ name: 'a', expression: "object.metadata.name != 'web'" }] },
      creation,
      false,
      'match-condition-false',
    ],
    [
      'an error beside a false condition',
      {
        matchConditions: [
          { name: 'a', expression: "object.metadata.annotations['x'] == 'y'" },
          { name: 'b', expression: 'false' },
        ],
      },
      creation,
      false,
      'match-condition-false',
    ],
    [
      'an error with failurePolicy Fail (the default)',
      { matchConditions: [{ name: 'a', expression: "object.metadata.annotations['x'] == 'y'" }] },
      creation,
      false,
      'match-condition-error-rejects',
    ],
    [
      'an error with failurePolicy Ignore',
      { failurePolicy: 'Ignore', matchConditions: [{ name: 'a', expression: 'object.spec.x == 1' }] },
      creation,
      false,
      'match-condition-error-ignored',
    ],
    [
      'a condition that asks the cluster',
      {
        matchConditions: [
          { name: 'a', expression: "!authorizer.group('').resource('pods').check('create').allowed()" },
        ],
      },
      creation,
      'unknown',
      'match-condition-unknown',
    ],
    [
      'a condition on the user, where none is given',
      { matchConditions: [{ name: 'a', expression: "request.userInfo.username != 'system:node:n1'" }] },
      creation,
      'unknown',
      'match-condition-unknown',
    ],
    [
      'a condition on whether the user has groups, where none is given',
      { matchConditions: [{ name: 'a', expression: 'has(request.userInfo.groups)' }] },
      creation,
      'unknown',
      'match-condition-unknown',
    ],
    [
      'a condition on the user that something else decides',
      { matchConditions: [{ name: 'a', expression: "request.userInfo.username == 'x' && object.kind == 'Node'" }] },
      creation,
      false,
      'match-condition-false',
    ],
    [
      'a condition on the user, who is given',
      { matchConditions: [{ name: 'a', expression: "request.userInfo.username == 'a'" }] },
      { ...creation, userInfo: { username: 'a' } },
      true,
      'match-conditions-true',
    ],
    ['a dry run and side effects', { sideEffects: 'Unknown' }, { ...creation, dryRun: true }, false, 'dry-run-refused'],
    ['a dry run without', { sideEffects: 'None' }, { ...creation, dryRun: true }, true, 'side-effects-fine'],
  ]
  it.each(table)('%s', (_, webhook, request, called, reason) => {
    const verdict = only(webhook, request)
    expect([verdict.called, verdict.reason]).toEqual([called, reason])
    expect(verdict.steps[verdict.deciding]?.reason).toBe(reason)
  })

  it('never the configuration of admission itself', () => {
    const verdict = only(
      { rules: [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }] },
      {
        group: 'admissionregistration.k8s.io',
        version: 'v1',
        resource: 'mutatingwebhookconfigurations',
        operation: 'CREATE',
        namespace: '',
        name: 'x',
      },
    )
    expect([verdict.called, verdict.reason]).toEqual([false, 'exempt-resource'])
  })

  it('for a Namespace by its own new labels, for other cluster-scoped objects without asking', () => {
    const rules = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*'] }]
    const webhook = { rules, namespaceSelector: { matchLabels: { 'istio-injection': 'enabled' } } }
    const namespace = { metadata: { name: 'shop', labels: { 'istio-injection': 'enabled' } } }
    const base = { group: '', version: 'v1', operation: 'CREATE', name: 'shop', object: namespace }
    const stored = { 'istio-injection': 'disabled' }
    const asNamespace = { ...base, resource: 'namespaces', namespace: 'shop', namespaceLabels: stored }
    expect(only(webhook, asNamespace).called).toBe(true)
    expect(only(webhook, { ...asNamespace, operation: 'DELETE', object: null }).called).toBe(false)
    expect(only(webhook, { ...base, resource: 'nodes', namespace: '' }).called).toBe(true)
  })

  it('also by the old object, for updates', () => {
    const verdict = only(
      { rules: [{ ...podRule, operations: ['UPDATE'] }], objectSelector: { matchLabels: { app: 'web' } } },
      { ...podCreation('shop', pod()), operation: 'UPDATE', oldObject: pod({ app: 'web' }) },
    )
    expect(verdict.steps[3]?.reason).toBe('object-selector-matches-old')
  })

  it('by another name of the resource, unless matchPolicy is Exact', () => {
    const rule = { operations: ['*'], apiGroups: ['autoscaling'], apiVersions: ['v1'] }
    const rules = [{ ...rule, resources: ['horizontalpodautoscalers'] }]
    const request = {
      group: 'autoscaling',
      version: 'v2',
      resource: 'horizontalpodautoscalers',
      operation: 'CREATE',
      namespace: 'shop',
      name: 'web',
    }
    expect(only({ rules }, request).steps[1]?.reason).toBe('rule-matches-equivalent')
    expect(only({ rules, matchPolicy: 'Exact' }, request).called).toBe(false)
  })

  it('with the older defaults for configurations of v1beta1', () => {
    const beta: JsonObject = {
      ...configuration('c', { matchConditions: [{ name: 'a', expression: 'object.spec.x == 1' }] }),
      apiVersion: 'admissionregistration.k8s.io/v1beta1',
    }
    expect(selectWebhooks([beta], podCreation('shop', pod()))[0]?.reason).toBe('match-condition-error-ignored')
  })
})

describe('the evidence', () => {
  it('names every label that was asked for, and its value', () => {
    const selector = {
      matchExpressions: [
        { key: 'istio-injection', operator: 'DoesNotExist' },
        { key: 'istio.io/rev', operator: 'In', values: ['canary'] },
      ],
    }
    const verdict = only({ namespaceSelector: selector }, podCreation('shop', pod(), { 'istio.io/rev': 'stable' }))
    expect(verdict.steps[verdict.deciding]?.found).toEqual([
      { path: 'namespace.metadata.labels.istio-injection' },
      { path: 'namespace.metadata.labels["istio.io/rev"]', value: 'stable' },
    ])
  })

  it('says what differs in the nearest rule', () => {
    const far = { operations: ['DELETE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }
    const near = { ...podRule, operations: ['UPDATE'] }
    const verdict = only({ rules: [far, near] }, podCreation('shop', pod()))
    expect(verdict.steps[1]?.params).toEqual({ rule: 1, mismatch: 'operations' })
    expect(verdict.steps[1]?.found).toContainEqual({ path: 'webhook.rules[1].operations', value: ['UPDATE'] })
  })
})

describe('evaluation is bounded', () => {
  const many = Array.from({ length: 2000 }, (_, index) => index)
  const large: JsonObject = { ...pod(), spec: { many, text: 'a'.repeat(100_000) } }
  const hostile = [
    'object.spec.many.all(a, object.spec.many.all(b, object.spec.many.all(c, a + b + c >= 0)))',
    'object.spec.many.map(a, object.spec.many.map(b, object.spec.many)).size() > 0',
    `[object.spec.text]${'.map(t, t + t)'.repeat(40)}.size() > 0`,
    'object.spec.text.replace("a", object.spec.text).size() > 0',
    'object.spec.many.exists(a, object.spec.text.matches("^(a+)+$b"))',
  ]
  it.each(hostile)('%s', (text) => {
    const verdict = only({ matchConditions: [{ name: 'a', expression: text }] }, podCreation('shop', large))
    expect(['match-condition-unknown', 'match-condition-error-rejects']).toContain(verdict.reason)
  })
})

const label = fc.constantFrom('a', 'b', 'c')
const labels = fc.dictionary(label, label)
const selector = fc.record({
  matchLabels: fc.dictionary(label, label),
  matchExpressions: fc.array(
    fc.oneof(
      fc.record({ key: label, operator: fc.constantFrom('In', 'NotIn'), values: fc.array(label, { minLength: 1 }) }),
      fc.record({ key: label, operator: fc.constantFrom('Exists', 'DoesNotExist') }),
    ),
    { maxLength: 3 },
  ),
})
const seeded = { seed: 7, numRuns: 300 }

describe('laws', () => {
  it('a webhook with empty selectors and a matching rule is always called', () => {
    fc.assert(
      fc.property(labels, fc.option(labels, { nil: undefined }), (own, ofNamespace) => {
        const webhook = { namespaceSelector: {}, objectSelector: {} }
        expect(only(webhook, podCreation('shop', pod(own), ofNamespace)).called).toBe(true)
      }),
      seeded,
    )
  })

  it('labels that no selector asks for change nothing, wherever they stand', () => {
    fc.assert(
      fc.property(selector, selector, labels, labels, (namespaceSelector, objectSelector, own, ofNamespace) => {
        const webhook: JsonObject = { namespaceSelector, objectSelector }
        const plain = only(webhook, podCreation('shop', pod(own), ofNamespace))
        const more = only(webhook, podCreation('shop', pod({ z: '1', ...own }), { ...ofNamespace, z: '1' }))
        expect([more.called, more.reason]).toEqual([plain.called, plain.reason])
      }),
      seeded,
    )
  })

  it('knowing the labels never contradicts what was said without them', () => {
    fc.assert(
      fc.property(selector, labels, (namespaceSelector, ofNamespace) => {
        const blind = only({ namespaceSelector }, podCreation('shop', pod())).called
        const seeing = only({ namespaceSelector }, podCreation('shop', pod(), ofNamespace)).called
        if (blind !== 'unknown') expect(seeing).toBe(blind)
      }),
      seeded,
    )
  })

  it('nothing that is JSON makes it throw, and each webhook gets a verdict', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
    const webhook = fc.record(
      {
        name: json,
        rules: fc.oneof(json, fc.constant([podRule])),
        namespaceSelector: fc.oneof(json, selector),
        objectSelector: fc.oneof(json, selector),
        matchConditions: fc.oneof(json, fc.array(fc.record({ name: json, expression: fc.string() }))),
        failurePolicy: json,
      },
      { requiredKeys: [] },
    )
    const object = fc.oneof(json, fc.record({ metadata: json, spec: json }))
    fc.assert(
      fc.property(fc.array(webhook, { maxLength: 3 }), object, (webhooks, content) => {
        const request = podCreation('shop', {
          metadata: content,
          __proto__: null,
          spec: { constructor: content },
        } as JsonObject)
        const verdicts = selectWebhooks([{ metadata: { name: 'c' }, webhooks } as JsonObject], request)
        expect(verdicts).toHaveLength(webhooks.length)
      }),
      seeded,
    )
  })
})
