import { readFileSync } from 'node:fs'
import { isObject, type Json, type JsonObject, parseYamlDocuments } from '@proa/kube'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { explainWebhooks } from './explain.ts'
import type { LabelEdit, WebhookExplanation } from './types.ts'

/** Two control planes, `default` and `canary`, and the tag `prod`, which points to canary. */
const cluster = readExample('webhooks.yaml')

function readExample(name: string): JsonObject[] {
  const text = readFileSync(new URL(`../../../../examples/cluster/${name}`, import.meta.url), 'utf8')
  return parseYamlDocuments(text)
    .map((document) => document.value)
    .filter(isObject)
}

type Labels = Record<string, string>

function explain(
  namespace: Labels | undefined,
  pod: Labels = {},
  configurations: readonly JsonObject[] = cluster,
  annotations: Labels = {},
): WebhookExplanation {
  return explainWebhooks({
    configurations,
    namespace: namespace === undefined ? { name: 'shop' } : { name: 'shop', labels: namespace },
    pod: { metadata: { name: 'web', labels: pod, annotations } },
  })
}

const inject = 'sidecar.istio.io/inject'
const revision = 'istio.io/rev'
const enabled = { 'istio-injection': 'enabled' }

describe('which control plane gets the Pod', () => {
  const table: [string, Labels, Labels, string][] = [
    ['an unlabelled namespace: nobody', {}, {}, 'none'],
    ['… unless the Pod asks', {}, { [inject]: 'true' }, 'default'],
    ['… or names a revision', {}, { [revision]: 'canary' }, 'canary'],
    ['… or a tag', {}, { [revision]: 'prod' }, 'canary by prod'],
    ['an enabled namespace: the default one', enabled, {}, 'default'],
    ['… unless the Pod refuses', enabled, { [inject]: 'false' }, 'none'],
    ['a namespace of a revision', { [revision]: 'canary' }, {}, 'canary'],
    ['a namespace of a tag', { [revision]: 'prod' }, {}, 'canary by prod'],
    ['a namespace of the revision "default"', { [revision]: 'default' }, {}, 'default'],
    ['enabled wins over a revision of the namespace', { ...enabled, [revision]: 'canary' }, {}, 'default'],
    ['enabled wins over a revision of the Pod', enabled, { [revision]: 'canary' }, 'default'],
    ['the namespace’s revision wins over the Pod’s', { [revision]: 'canary' }, { [revision]: 'default' }, 'canary'],
    ['a disabled namespace', { 'istio-injection': 'disabled' }, { [inject]: 'true' }, 'none'],
    ['an unusual value of the Pod’s label', {}, { [inject]: 'True' }, 'none'],
  ]
  it.each(table)('%s', (_, namespace, pod, want) => {
    const { outcome, target } = explain(namespace, pod)
    const got = target === undefined ? outcome : target.revision + (target.tag === undefined ? '' : ` by ${target.tag}`)
    expect(got).toBe(want)
  })

  it('every namespace of the example is labelled as its comment says', () => {
    const outcomes = readExample('namespaces.yaml').map((namespace) => {
      const metadata = namespace.metadata as { name: string; labels: Labels }
      const { outcome, target } = explainWebhooks({ configurations: cluster, namespace: metadata, pod: {} })
      return [metadata.name, target?.revision ?? outcome]
    })
    expect(Object.fromEntries(outcomes)).toEqual({
      shop: 'default',
      legacy: 'none',
      sandbox: 'none',
      preview: 'canary',
      checkout: 'canary',
      payments: 'default',
      'kube-system': 'none',
    })
  })

  it('cannot be said when the namespace’s labels are not known, except that the Pod refuses', () => {
    expect(explain(undefined).outcome).toBe('unknown')
    expect(explain(undefined).nearest).toEqual([])
    expect(explain(undefined, { [inject]: 'false' }).outcome).toBe('none')
  })

  it('is nobody when no injector is installed', () => {
    const other = webhook({ name: 'defaults.example.com', path: '/mutate' })
    expect(explain(enabled, {}, [configuration('other', {}, other)])).toMatchObject({
      outcome: 'not-installed',
      nearest: [],
      others: [{ webhook: 'defaults.example.com', called: true }],
    })
  })
})

describe('other forms of the webhook', () => {
  it('one webhook for opted-in namespaces (Istio 1.8 and before)', () => {
    const old = [legacy('', { matchLabels: enabled })]
    expect(explain(enabled, {}, old).outcome).toBe('one')
    expect(explain({}, { [inject]: 'true' }, old).outcome).toBe('none')
  })

  it('one webhook per revision (Istio 1.8)', () => {
    const old = [legacy('', { matchLabels: enabled }), legacy('canary', revisionSelector('canary'))]
    expect(explain({ [revision]: 'canary' }, {}, old).target?.revision).toBe('canary')
    expect(explain({ ...enabled, [revision]: 'canary' }, {}, old).target?.revision).toBe('default')
  })

  it('all namespaces that do not opt out', () => {
    const optOut = [
      legacy('', { matchExpressions: [{ key: 'istio-injection', operator: 'NotIn', values: ['disabled'] }] }),
    ]
    expect(explain({}, {}, optOut).outcome).toBe('one')
    expect(explain({ 'istio-injection': 'disabled' }, {}, optOut)).toMatchObject({
      outcome: 'none',
      nearest: [{ edits: [{ on: 'namespace', key: 'istio-injection', from: 'disabled' }] }],
    })
  })

  it('an injector under another name is known by its labels or its path', () => {
    const byLabel = configuration('mesh', { [revision]: 'x' }, webhook({ name: 'a.example.com', path: '/x' }))
    const byPath = configuration('mesh', {}, webhook({ name: 'a.example.com', path: '/inject/cluster/c1/net/n1' }))
    expect(explain({}, {}, [byLabel]).target).toMatchObject({ recognisedBy: 'labels', revision: 'x' })
    expect(explain({}, {}, [byPath]).target).toMatchObject({ recognisedBy: 'path', revision: 'default' })
  })

  it('a webhook that istioctl has deactivated for a tag "default" matches nothing and is never proposed', () => {
    const never = { matchLabels: { 'istio.io/deactivated': 'never-match' } }
    const deactivated = legacy('', never)
    const { injectors, findings, nearest } = explain(enabled, {}, [deactivated])
    expect(injectors[0]?.injector.deactivated).toBe(true)
    expect(findings).toContainEqual({ code: 'all-deactivated', params: {} })
    expect(nearest).toEqual([])
  })
})

describe('the nearest miss', () => {
  const pod = (key: string, to?: string, from?: string) => edit('pod', key, to, from)
  const ns = (key: string, to?: string, from?: string) => edit('namespace', key, to, from)
  function edit(on: LabelEdit['on'], key: string, to?: string, from?: string): LabelEdit {
    return { on, key, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }
  }

  it('nothing is labelled: label the Pod, else the namespace', () => {
    const { nearest } = explain({})
    expect(nearest.map((change) => change.edits)).toEqual([
      [pod(inject, 'true')],
      [ns('istio-injection', 'enabled')],
      [pod(revision, 'default')],
      [pod(revision, 'prod')],
      [pod(revision, 'canary')],
    ])
    expect(nearest[0]?.calls?.revision).toBe('default')
  })

  it('the Pod refuses: change its label', () => {
    expect(explain(enabled, { [inject]: 'false' }).nearest[0]?.edits).toEqual([pod(inject, 'true', 'false')])
  })

  it('the namespace is disabled: enable it', () => {
    const { nearest } = explain({ 'istio-injection': 'disabled' })
    expect(nearest[0]?.edits).toEqual([ns('istio-injection', 'enabled', 'disabled')])
  })

  it('two labels are wrong: both are named', () => {
    const { nearest } = explain({ 'istio-injection': 'disabled' }, { [inject]: 'false' })
    expect(nearest[0]?.edits).toHaveLength(2)
  })

  it('the Pod is injected: what would keep the sidecar away', () => {
    expect(explain(enabled).nearest[0]).toEqual({ edits: [pod(inject, 'false')] })
  })

  it('two would inject: what leaves one', () => {
    const twice = [legacy('', { matchLabels: enabled }), legacy('two', { matchLabels: enabled })]
    const { nearest } = explain(enabled, {}, [...twice, legacy('x', revisionSelector('x'))])
    expect(nearest[0]).toMatchObject({ calls: { revision: 'x' } })
  })
})

describe('findings', () => {
  const codes = (explanation: WebhookExplanation) => explanation.findings.map((finding) => finding.code)

  it('two webhooks would inject', () => {
    const twice = [legacy('', { matchLabels: enabled }), legacy('two', {})]
    expect(explain(enabled, {}, twice)).toMatchObject({
      outcome: 'several',
      findings: [
        {
          code: 'several-would-inject',
          params: {
            webhooks:
              'istio-sidecar-injector/sidecar-injector.istio.io,istio-sidecar-injector-two/sidecar-injector.istio.io',
          },
        },
      ],
    })
  })

  it('istio-injection=enabled wins over a revision', () => {
    expect(explain({ ...enabled, [revision]: 'canary' }).findings).toEqual([
      {
        code: 'injection-label-wins-over-revision',
        params: { on: 'namespace', revision: 'canary', target: 'default' },
      },
    ])
  })

  it('the namespace’s revision wins over the Pod’s', () => {
    expect(codes(explain({ [revision]: 'canary' }, { [revision]: 'default' }))).toEqual([
      'namespace-revision-wins-over-pod',
    ])
  })

  it('a revision that nobody serves, and which was probably meant', () => {
    expect(explain({ [revision]: 'canari' }).findings).toEqual([
      {
        code: 'unknown-revision',
        params: { on: 'namespace', revision: 'canari', known: 'canary,default,prod', meant: 'canary' },
      },
    ])
  })

  it('an annotation asks, which webhooks do not see', () => {
    expect(codes(explain({}, {}, cluster, { [inject]: 'true' }))).toEqual(['annotation-not-seen'])
    expect(codes(explain(enabled, {}, cluster, { [inject]: 'true' }))).toEqual([])
  })

  it('the Pod asks in a namespace that forbids', () => {
    expect(codes(explain({ 'istio-injection': 'disabled' }, { [inject]: 'true' }))).toEqual(['namespace-forbids'])
  })

  it('another webhook refuses the Pod', () => {
    const broken = webhook({ name: 'policy.example.com', path: '/p' })
    const refusing = { ...broken, matchConditions: [{ name: 'a', expression: 'object.spec.missing == 1' }] }
    const explanation = explain(enabled, {}, [...cluster, configuration('policy', {}, refusing)])
    expect(explanation.outcome).toBe('refused')
    expect(explanation.findings).toEqual([
      {
        code: 'request-refused',
        params: { webhook: 'policy/policy.example.com', reason: 'match-condition-error-rejects' },
      },
    ])
  })
})

describe('laws', () => {
  const labels = fc.dictionary(
    fc.constantFrom('istio-injection', revision, inject, 'app'),
    fc.constantFrom('enabled', 'disabled', 'true', 'false', 'canary', 'prod', 'default'),
  )
  const seeded = { seed: 11, numRuns: 150 }

  it('at most one of Istio’s webhooks is called, whatever the labels', () => {
    fc.assert(
      fc.property(labels, labels, (namespace, pod) => {
        expect(['one', 'none']).toContain(explain(namespace, pod).outcome)
      }),
      seeded,
    )
  })

  it('every proposed change does what it says, and no smaller one is left out', () => {
    fc.assert(
      fc.property(labels, labels, (namespace, pod) => {
        const before = explain(namespace, pod)
        for (const { edits, calls } of before.nearest) {
          const changed: Record<'namespace' | 'pod', Labels> = { namespace: { ...namespace }, pod: { ...pod } }
          for (const { on, key, to } of edits) {
            if (to === undefined) delete changed[on][key]
            else changed[on][key] = to
          }
          const after = explain(changed.namespace, changed.pod)
          expect(after.outcome).toBe(before.outcome === 'one' ? 'none' : 'one')
          expect(after.target).toEqual(calls)
        }
        expect(before.nearest.length).toBeGreaterThan(0)
        expect(before.nearest[0]?.edits.length).toBeLessThanOrEqual(3)
      }),
      seeded,
    )
  })

  it('nothing that is JSON makes it throw', () => {
    const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<Json>
    fc.assert(
      fc.property(fc.array(json), json, labels, (configurations, content, namespace) => {
        const pod = isObject(content) ? content : { metadata: content }
        const odd = [...configurations, { metadata: content, webhooks: configurations }].filter(isObject)
        const explanation = explainWebhooks({ configurations: odd, namespace: { name: 'a', labels: namespace }, pod })
        expect(JSON.parse(JSON.stringify(explanation)).outcome).toBe(explanation.outcome)
      }),
      seeded,
    )
  })
})

function webhook({ name, path }: { name: string; path: string }): JsonObject {
  return {
    name,
    clientConfig: { service: { name: 'hook', namespace: 'system', path } },
    rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
  }
}

function configuration(name: string, labels: Labels, ...webhooks: JsonObject[]): JsonObject {
  return { apiVersion: 'admissionregistration.k8s.io/v1', metadata: { name, labels }, webhooks }
}

/** The single webhook of Istio up to 1.8. */
function legacy(rev: string, namespaceSelector: JsonObject): JsonObject {
  const entry = { ...webhook({ name: 'sidecar-injector.istio.io', path: '/inject' }), namespaceSelector }
  return configuration(`istio-sidecar-injector${rev && `-${rev}`}`, { [revision]: rev || 'default' }, entry)
}

function revisionSelector(rev: string): JsonObject {
  return {
    matchExpressions: [
      { key: 'istio-injection', operator: 'DoesNotExist' },
      { key: revision, operator: 'In', values: [rev] },
    ],
  }
}
