import { applyPatch, type JsonObject, type MutatingWebhookConfiguration } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadConfiguration } from '../config/load.ts'
import { injectWorkload } from '../workload/inject-workload.ts'
import { type ExplainOptions, type Explanation, explainWorkload } from './explain-workload.ts'
import { renderExplanationMermaid } from './render-mermaid.ts'
import { renderExplanationText } from './render-text.ts'

function deployment(podTemplate: JsonObject = {}, namespace = 'shop'): JsonObject {
  const spec = { containers: [{ name: 'cart', image: 'cart:1' }] }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'cart', namespace },
    spec: { template: { metadata: { labels: { app: 'cart' } }, spec, ...podTemplate } },
  }
}

function configured(policy = 'enabled', compat = 'current') {
  return loadConfiguration({ config: { source: 'config', text: JSON.stringify({ policy, template: '' }) } }, { compat })
}

function explained(object: JsonObject, configuration = configured(), options: ExplainOptions = {}): Explanation {
  const result = explainWorkload(object, configuration, options)
  if (result.kind !== 'explained') throw new Error(result.kind, { cause: result })
  return result.explanation
}

describe('the explanation of a workload', () => {
  it('is JSON with a stable beginning', () => {
    const { kind, namespace, name, injected, reason, steps } = JSON.parse(
      JSON.stringify(explained(deployment())),
    ) as Explanation
    expect({ kind, namespace, name, injected, reason }).toEqual({
      kind: 'Deployment',
      namespace: 'shop',
      name: 'cart',
      injected: true,
      reason: 'PolicyEnabled',
    })
    expect(steps[0]).toEqual({
      id: 'host-network',
      question: 'Does the Pod use the network of its node?',
      finding: 'passed',
      found: [{ path: 'pod.spec.hostNetwork' }],
      outcome: 'continue',
      consequence: 'no: go on',
      deciding: false,
    })
  })

  it('says where a manual request would differ', () => {
    expect(explained(deployment(), configured('disabled')).manual).toEqual({ injected: true, reason: 'PolicyEnabled' })
    expect(explained(deployment(), configured('enabled'))).not.toHaveProperty('manual')
    // kube-inject looks at the namespace of the Pod template, where nobody writes one.
    expect(explained(deployment({}, 'kube-system')).manual).toEqual({ injected: true, reason: 'PolicyEnabled' })
  })

  it('is about the webhook’s view of a CronJob: the labels of the Pod template, not of the job template', () => {
    const refuses = { 'sidecar.istio.io/inject': 'false' }
    const cronJob = (metadata: JsonObject, podMetadata: JsonObject): JsonObject => ({
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'report' },
      spec: { jobTemplate: { metadata, spec: { template: { metadata: podMetadata, spec: { containers: [] } } } } },
    })
    expect(explained(cronJob({ labels: refuses }, {})).injected).toBe(true)
    expect(explained(cronJob({}, { labels: refuses })).reason).toBe('InjectLabelFalse')
  })

  it('passes over what carries no Pod', () => {
    expect(explainWorkload({ apiVersion: 'v1', kind: 'Service' }, configured())).toEqual({ kind: 'not-a-workload' })
  })
})

describe('the smallest change', () => {
  const inject = fc.constantFrom(undefined, 'true', 'false', 'yes', '')
  const workloads = fc.record({
    label: inject,
    annotation: inject,
    hostNetwork: fc.constantFrom(undefined, true),
    policy: fc.constantFrom('enabled', 'disabled', 'of course'),
    compat: fc.constantFrom('1.8', '1.21', 'current'),
  })

  it('turns the verdict round when it is made', () => {
    fc.assert(
      fc.property(workloads, ({ label, annotation, hostNetwork, policy, compat }) => {
        const key = 'sidecar.istio.io/inject'
        const object = deployment({
          metadata: {
            labels: label === undefined ? {} : { [key]: label },
            annotations: annotation === undefined ? {} : { [key]: annotation },
          },
          spec: { containers: [], ...(hostNetwork === undefined ? {} : { hostNetwork }) },
        })
        const before = explained(object, configured(policy, compat))
        const { target, to } = before.change
        const after =
          target === 'configuration'
            ? explained(object, configured(String(to), compat))
            : explained(changed(object, before), configured(policy, compat))
        // A host network or an unknown policy may hide a second reason: then that one is named next.
        const hidden = before.reason === 'HostNetwork' || before.reason === 'PolicyUnknown'
        if (hidden) expect(after.reason).not.toBe(before.reason)
        else expect(after.injected).toBe(!before.injected)
      }),
      { seed: 3, numRuns: 300 },
    )
  })

  function changed(object: JsonObject, { change: { path, to } }: Explanation): JsonObject {
    const pointer = path.replace(
      /\["([^"]+)"\]/,
      (_all, key: string) => `.${key.replaceAll('/', '~1').replaceAll('.', '\0')}`,
    )
    const place = `/${pointer.replaceAll('.', '/').replaceAll('\0', '.')}`
    const operation =
      to === undefined ? { op: 'remove' as const, path: place } : { op: 'add' as const, path: place, value: to }
    return applyPatch(object, [operation]) as JsonObject
  }
})

describe('with the webhooks of a cluster', () => {
  const configuration = (...webhooks: JsonObject[]): MutatingWebhookConfiguration => ({
    metadata: { name: 'istio-sidecar-injector', labels: { 'istio.io/rev': 'default' } },
    webhooks: webhooks.map((each) => ({
      name: 'namespace.sidecar-injector.istio.io',
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      ...each,
    })),
  })
  const webhook = (namespaceSelector: JsonObject): MutatingWebhookConfiguration => configuration({ namespaceSelector })
  const enabled = webhook({ matchLabels: { 'istio-injection': 'enabled' } })
  const notDisabled = webhook({
    matchExpressions: [{ key: 'istio-injection', operator: 'NotIn', values: ['disabled'] }],
  })
  const namespaces = new Map([
    ['shop', {}],
    ['meshed', { 'istio-injection': 'enabled' }],
  ])

  it('nothing is injected where the API server asks nobody, whatever the injector would say', () => {
    const explanation = explained(deployment(), configured(), { webhooks: [enabled], namespaces })
    expect([explanation.injected, explanation.reason]).toEqual([false, 'NoWebhookCalled'])
    expect(explanation.decision).toEqual({ injected: true, reason: 'PolicyEnabled' })
    expect(explanation.steps.filter(({ deciding }) => deciding).map(({ id }) => id)).toEqual(['webhook'])
    const text = renderExplanationText(explanation)
    expect(text).toContain('not called, namespaceSelector, wants istio-injection=enabled, finds nothing')
    expect(text).toContain('To have it injected: label the namespace istio-injection=enabled')
  })

  it('the injector decides where one is asked, in both forms of the namespaceSelector', () => {
    expect(explained(deployment({}, 'meshed'), configured(), { webhooks: [enabled], namespaces }).injected).toBe(true)
    expect(explained(deployment(), configured(), { webhooks: [notDisabled], namespaces }).injected).toBe(true)
  })

  it('two that would inject are said', () => {
    const second = { ...enabled, metadata: { name: 'other', labels: { 'istio.io/rev': 'canary' } } }
    const options = { webhooks: [enabled, second], namespaces }
    const explanation = explained(deployment({}, 'meshed'), configured(), options)
    expect(explanation.reason).toBe('SeveralWebhooks')
    expect(renderExplanationText(explanation)).toContain('note: several webhooks would inject')
  })

  it('a webhook that refuses the Pod is to be corrected, not installed', () => {
    const asks = (expression: string) => configuration({ matchConditions: [{ name: 'a', expression }] })
    const refused = explained(deployment(), configured(), { webhooks: [asks('object.spec.missing == 1')], namespaces })
    expect(renderExplanationText(refused)).toContain('To have it injected: correct the webhook that refuses the Pod\n')
    const never = explained(deployment(), configured(), { webhooks: [asks('false')], namespaces })
    expect(renderExplanationText(never)).toContain('To have it injected: change the conditions of the webhooks')
    const nothing = explained(deployment(), configured(), { webhooks: [], namespaces })
    expect(renderExplanationText(nothing)).toContain('To have it injected: install an injector\n')
    // The API server has filled in the namespace, although no template names it.
    const asking = asks("object.metadata.namespace == 'shop' && object.kind == 'Pod'")
    expect(explained(deployment(), configured(), { webhooks: [asking], namespaces }).reason).toBe('PolicyEnabled')
  })

  const optOut = { matchExpressions: [{ key: 'sidecar.istio.io/inject', operator: 'NotIn', values: ['false'] }] }

  it('a change for the webhooks is never one that makes the injector refuse', () => {
    const twice = configuration({ objectSelector: optOut }, { name: 'b.sidecar-injector.istio.io' })
    const explanation = explained(deployment(), configured(), { webhooks: [twice], namespaces })
    expect(explanation.reason).toBe('SeveralWebhooks')
    expect(JSON.stringify(explanation.webhooks?.nearest)).not.toContain('"to":"false"')
  })

  it('one label that both webhook and injector ask for is named once', () => {
    const optedOut = deployment({ metadata: { labels: { 'sidecar.istio.io/inject': 'false' } } })
    const options = { webhooks: [configuration({ objectSelector: optOut })], namespaces }
    expect(renderExplanationText(explained(optedOut, configured(), options))).toContain(
      'To have it injected: set spec.template.metadata.labels["sidecar.istio.io/inject"] to "true"\n',
    )
  })

  it('a Pod on the network of its node has to leave it, and needs no label for a webhook that would call it then', () => {
    const expression = '!(has(object.spec.hostNetwork) && object.spec.hostNetwork)'
    const guarded = configuration({ matchConditions: [{ name: 'not-on-the-host-network', expression }] })
    const onHost = deployment({ spec: { containers: [], hostNetwork: true } })
    const { webhooks, reason, decision } = explained(onHost, configured(), { webhooks: [guarded], namespaces })
    expect([reason, decision.reason]).toEqual(['NoWebhookCalled', 'HostNetwork'])
    expect(webhooks?.nearest).toMatchObject([{ edits: [], calls: { configuration: 'istio-sidecar-injector' } }])
    expect(renderExplanationText(explained(onHost, configured(), { webhooks: [guarded], namespaces }))).toContain(
      'To have it injected: remove spec.template.spec.hostNetwork\n',
    )
  })

  it('webhooks of one name are told apart by their configurations', () => {
    const second = { ...enabled, metadata: { name: 'other', labels: { 'istio.io/rev': 'canary' } } }
    const { steps } = explained(deployment(), configured(), { webhooks: [enabled, second], namespaces })
    expect(steps[0]?.found.map(({ value }) => String(value).split(':')[0])).toEqual([
      'istio-sidecar-injector/namespace.sidecar-injector.istio.io',
      'other/namespace.sidecar-injector.istio.io',
    ])
  })

  it('a namespace whose labels are not known leaves the question open', () => {
    const explanation = explained(deployment({}, 'elsewhere'), configured(), { webhooks: [enabled], namespaces })
    expect([explanation.injected, explanation.steps[0]?.finding]).toEqual([true, 'unknown'])
  })
})

describe('as text', () => {
  const refused = deployment({ metadata: { labels: { 'sidecar.istio.io/inject': 'false' } } })

  it('shows the path, marks the deciding step and names the change', () => {
    expect(renderExplanationText(explained(refused))).toMatchInlineSnapshot(`
      "Deployment shop/cart: not injected (InjectLabelFalse)
        the Pod refuses it with the label sidecar.istio.io/inject
        decided as the current Istio does

          1. Does the Pod use the network of its node?
             pod.spec.hostNetwork: not there
             → no: go on
          2. Is the namespace one in which nothing is ever injected?
             request.namespace: "shop"
             → no: go on
        ▶ 3. Does the Pod ask with the label sidecar.istio.io/inject?
             pod.metadata.labels["sidecar.istio.io/inject"]: "false"
             → "false": do not inject

        To have it injected: set spec.template.metadata.labels["sidecar.istio.io/inject"] to "true"
      "
    `)
  })

  it('speaks Chinese', () => {
    const text = renderExplanationText(explained(refused), { language: 'zh' })
    expect(text).toContain('不注入 (InjectLabelFalse)')
    expect(text).toContain('若要注入：将 spec.template.metadata.labels["sidecar.istio.io/inject"] 设为 "true"')
  })

  it('draws a Mermaid flowchart', () => {
    const chart = renderExplanationMermaid(explained(refused))
    expect(chart).toMatch(/^flowchart TD\n/)
    expect(chart).toContain('verdict(["not injected: InjectLabelFalse"])')
  })
})

it('agrees with what the webhook does', () => {
  for (const policy of ['enabled', 'disabled']) {
    const text = JSON.stringify({ policy, templates: { sidecar: 'spec: {containers: [{name: istio-proxy}]}' } })
    const configuration = loadConfiguration({ config: { source: 'config', text } }, { compat: 'current' })
    const done = injectWorkload(deployment(), configuration, { mode: 'webhook' })
    expect(explained(deployment(), configuration).injected).toBe(done.kind === 'injected')
  }
})
