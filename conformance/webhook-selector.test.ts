import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { explainWebhooks } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import { describe, expect, it } from 'vitest'

/**
 * Istio's own table of which injection webhook gets a Pod (1.21, test of its charts). The vectors stand beside the
 * repository; without them there is nothing to compare with.
 */
const file = path.resolve(import.meta.dirname, '..', '../shared/vectors/injection/1.21/unit.json')

interface Entry {
  readonly name: string
  readonly service: string
  readonly namespaceSelector: JsonObject
  readonly objectSelector: JsonObject
}

interface Case {
  readonly scenario: string
  readonly webhookConfigurations: readonly string[]
  readonly namespaceLabels: Record<string, string>
  readonly podLabels: Record<string, string>
  readonly wantService: string | null
}

function load(): { webhookConfigurations: Record<string, Entry[]>; cases: Case[] } {
  return JSON.parse(readFileSync(file, 'utf8')).webhookSelector
}

function configuration(name: string, entries: readonly Entry[]): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'MutatingWebhookConfiguration',
    metadata: { name, labels: { 'istio.io/rev': name.includes('canary') ? 'canary' : 'default' } },
    webhooks: entries.map(({ name: webhook, service, namespaceSelector, objectSelector }) => ({
      name: webhook,
      clientConfig: { service: { name: service, namespace: 'istio-system', path: '/inject' } },
      rules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }],
      namespaceSelector,
      objectSelector,
    })),
  }
}

if (!existsSync(file)) {
  it.skip(`webhook selection: the vectors are not here (${path.relative(process.cwd(), file)})`, () => {})
} else {
  const { webhookConfigurations, cases } = load()
  describe('a Pod reaches the istiod that it reaches in Istio’s own test', () => {
    it.each(cases)('$scenario: namespace $namespaceLabels, pod $podLabels → $wantService', (row) => {
      const explanation = explainWebhooks({
        configurations: row.webhookConfigurations.map((name) => configuration(name, webhookConfigurations[name] ?? [])),
        namespace: { name: 'test', labels: row.namespaceLabels },
        pod: { metadata: { name: 'web', labels: row.podLabels } },
      })
      expect(explanation.outcome).toBe(row.wantService === null ? 'none' : 'one')
      expect(explanation.target?.service?.name ?? null).toBe(row.wantService)
    })
  })
}
