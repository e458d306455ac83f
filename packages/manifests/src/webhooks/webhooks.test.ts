import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { type JsonObject, podCreation, selectWebhooks } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { podTemplate } from '../../testing/objects.ts'
import { installationManifests } from '../installation.ts'
import type { InstallationOptions } from '../options.ts'

/** Only the webhook configurations of an installation. */
function webhooksOf(options: InstallationOptions): JsonObject[] {
  return installationManifests(options).filter(({ kind }) => kind === 'MutatingWebhookConfiguration')
}

interface Question {
  readonly namespace?: string
  readonly namespaceLabels?: Record<string, string>
  readonly pod?: JsonObject
}

/** The configurations that the API server would call for a Pod. */
function called(configurations: readonly JsonObject[], question: Question): string[] {
  const { namespace = 'shop', namespaceLabels = {}, pod = {} } = question
  return selectWebhooks(configurations, podCreation(namespace, pod, namespaceLabels))
    .map((verdict) => {
      expect(verdict.rejected, JSON.stringify(verdict)).toBe(false)
      expect(verdict.called).not.toBe('unknown')
      return verdict.called === true ? verdict.configuration : ''
    })
    .filter((name) => name !== '')
}

const cluster = [
  ...webhooksOf({}),
  ...webhooksOf({ revision: 'canary', tags: ['prod', 'test'] }),
  ...webhooksOf({ revision: 'old' }),
]

/** Istio's table, written down once more: who injects a Pod that no condition excludes. */
function expected(namespace: Record<string, string>, pod: Record<string, string>): string | undefined {
  const byRevision: Record<string, string> = {
    default: 'istio-sidecar-injector',
    canary: 'istio-sidecar-injector-canary',
    old: 'istio-sidecar-injector-old',
    prod: 'istio-revision-tag-prod',
    test: 'istio-revision-tag-test',
  }
  const inject = pod['sidecar.istio.io/inject']
  if (inject === 'false') return undefined
  if (namespace['istio-injection'] === 'enabled') return byRevision.default
  if (namespace['istio-injection'] !== undefined) return undefined
  const revision = namespace['istio.io/rev'] ?? pod['istio.io/rev']
  if (revision !== undefined) return byRevision[revision]
  return inject === 'true' ? byRevision.default : undefined
}

const value = fc.constantFrom('default', 'canary', 'old', 'prod', 'test', 'none', '')
const labels = (keys: Record<string, fc.Arbitrary<string>>) => fc.record(keys, { requiredKeys: [] })
const namespaceLabels = labels({
  'istio-injection': fc.constantFrom('enabled', 'disabled', ''),
  'istio.io/rev': value,
}) as fc.Arbitrary<Record<string, string>>
const podLabels = labels({
  'sidecar.istio.io/inject': fc.constantFrom('true', 'false', 'yes', ''),
  'istio.io/rev': value,
}) as fc.Arbitrary<Record<string, string>>

describe('who injects a Pod', () => {
  it('is said by Istio’s table, and is never more than one, whatever the labels', () => {
    fc.assert(
      fc.property(namespaceLabels, podLabels, (namespace, pod) => {
        const wanted = expected(namespace, pod)
        const found = called(cluster, { namespaceLabels: namespace, pod: { metadata: { labels: pod } } })
        expect(found).toEqual(wanted === undefined ? [] : [wanted])
      }),
      { seed: 15, numRuns: 1000 },
    )
  })

  it('is at most one with the entry for namespaces without labels, too', () => {
    const all = [
      ...webhooksOf({ injectUnlabelledNamespaces: true }),
      ...webhooksOf({ revision: 'canary', tags: ['prod'] }),
    ]
    fc.assert(
      fc.property(namespaceLabels, podLabels, (namespace, pod) => {
        expect(called(all, { namespaceLabels: namespace, pod: { metadata: { labels: pod } } }).length).toBeLessThan(2)
      }),
      { seed: 16, numRuns: 1000 },
    )
    expect(called(all, {})).toEqual(['istio-sidecar-injector'])
    expect(called(all, { namespace: 'kube-public' })).toEqual([])
  })

  it('moves with the tag "default": the old default never matches, the new one matches what it matched', () => {
    const before = webhooksOf({})
    const after = [...webhooksOf({ deactivated: true }), ...webhooksOf({ revision: 'canary', tags: ['default'] })]
    fc.assert(
      fc.property(namespaceLabels, podLabels, (namespace, pod) => {
        const question = { namespaceLabels: namespace, pod: { metadata: { labels: pod } } }
        const wanted = called(before, question).map(() => 'istio-revision-tag-default')
        expect(called(after, question).filter((name) => !name.endsWith('canary'))).toEqual(wanted)
      }),
      { seed: 17, numRuns: 1000 },
    )
  })
})

describe('who is never sent to an injector, so that a cluster comes up by itself', () => {
  const auto = webhooksOf({ injectUnlabelledNamespaces: true })
  const enabled = { 'istio-injection': 'enabled' }

  it('the injectors themselves, of every revision, even in a namespace that is labelled', () => {
    for (const revision of ['default', 'canary']) {
      const pod = podTemplate(installationManifests({ revision }))
      expect(called(auto, { namespace: 'istio-system', namespaceLabels: enabled, pod })).toEqual([])
      const { labels: own } = pod.metadata as { labels: Record<string, string> }
      const { 'sidecar.istio.io/inject': _, ...rest } = own
      const careless = { ...pod, metadata: { labels: rest } }
      expect(called(auto, { namespace: 'istio-system', namespaceLabels: enabled, pod: careless })).toEqual([])
      expect(called(auto, { namespace: 'shop', namespaceLabels: enabled, pod: careless })).toHaveLength(1)
    }
  })

  it('system namespaces, mirror Pods and Pods on the host network', () => {
    expect(called(auto, { namespaceLabels: enabled })).toHaveLength(1)
    expect(called(auto, { namespace: 'kube-system', namespaceLabels: enabled })).toEqual([])
    expect(called(auto, { namespace: 'kube-node-lease', namespaceLabels: enabled })).toEqual([])
    const mirror = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'abc' } } }
    expect(called(auto, { namespaceLabels: enabled, pod: mirror })).toEqual([])
    expect(called(auto, { namespaceLabels: enabled, pod: { spec: { hostNetwork: true } } })).toEqual([])
    expect(called(auto, { namespaceLabels: enabled, pod: { spec: { hostNetwork: false } } })).toHaveLength(1)
  })
})

const file = path.resolve(import.meta.dirname, '../../../..', '../shared/vectors/injection/1.21/unit.json')
const named: Record<string, JsonObject[]> = {
  'istio-sidecar-injector': webhooksOf({}),
  'istio-sidecar-injector-canary': webhooksOf({ revision: 'canary' }),
  'istio-sidecar-injector (enableNamespacesByDefault)': webhooksOf({ injectUnlabelledNamespaces: true }),
}

interface Case {
  readonly scenario: string
  readonly webhookConfigurations: readonly string[]
  readonly namespaceLabels: Record<string, string>
  readonly podLabels: Record<string, string>
  readonly wantService: string | null
}

if (!existsSync(file)) {
  it.skip('Istio’s own table: the vectors are not here', () => {})
} else {
  const cases: Case[] = JSON.parse(readFileSync(file, 'utf8')).webhookSelector.cases
  const ours = cases.filter(({ webhookConfigurations }) => webhookConfigurations.every((name) => name in named))
  describe('our manifests against Istio’s own table of its test', () => {
    it('has the cases of today’s charts', () => expect(ours.length).toBeGreaterThan(60))

    it.each(ours)('$scenario: namespace $namespaceLabels, pod $podLabels → $wantService', (row) => {
      const configurations = row.webhookConfigurations.flatMap((name) => named[name] ?? [])
      const found = called(configurations, {
        namespaceLabels: row.namespaceLabels,
        pod: { metadata: { labels: row.podLabels } },
      })
      const service = { istiod: 'istio-sidecar-injector', 'istiod-canary': 'istio-sidecar-injector-canary' }
      expect(found).toEqual(row.wantService === null ? [] : [service[row.wantService as keyof typeof service]])
    })
  })
}
