/**
 * Istio 1.8's own injection tests, from the shared vectors beside this repository (`../shared/vectors/injection/1.8`).
 * Without them the suite is skipped and says so.
 */
import { describe, expect, it } from 'vitest'
import { environmentFromPath } from '../packages/injector/src/data/path-environment.ts'
import { rewrites } from '../packages/injector/src/finish/probes.ts'
import { mergesMetrics } from '../packages/injector/src/finish/prometheus.ts'
import { decide, injectPod, loadConfiguration } from '../packages/injector/src/index.ts'
import { withConcurrency } from '../packages/injector/src/legacy/concurrency.ts'
import { findSidecar } from '../packages/injector/src/pod/edit.ts'
import {
  applyPatch,
  isObject,
  type Json,
  type JsonObject,
  type JsonPatchOperation,
  parseYaml,
} from '../packages/kube/src/index.ts'
import { comparablePod, withoutTemplateVersion } from './support/compare.ts'
import { goldenSuite } from './support/golden-suite.ts'
import { openVectors, skipWithout } from './support/vectors.ts'

const MINOR = 8
const OPTIONS = { compat: '1.8', revision: '' }
const vectors = openVectors('1.8')

describe.skipIf(!vectors.present)(`Istio 1.8${vectors.note}`, () => {
  skipWithout(vectors)
  describe('golden cases', () => {
    goldenSuite(vectors, { ...OPTIONS, minor: MINOR, webhookRevision: '' })
  })

  describe('webhook patches', () => {
    interface WebhookCase {
      readonly name: string
      readonly input: string
      readonly want: string
      readonly template: string
      readonly requestNamespace: string
      readonly path: string
    }
    for (const each of vectors.json('webhook-cases.json') as readonly WebhookCase[]) {
      it(each.name, () => {
        const configuration = loadConfiguration(
          {
            config: { source: each.template, text: vectors.text(each.template) },
            values: { source: 'values', text: '{}' },
          },
          OPTIONS,
        )
        const pod = parseYaml(vectors.text(each.input)) as JsonObject
        const { requestNamespace: namespace, path } = each
        const result = injectPod({ pod, namespace, path, mode: 'webhook' }, configuration)
        if (result.outcome !== 'injected') throw new Error(result.outcome, { cause: result })
        const want = patched(pod, JSON.parse(vectors.text(each.want)) as JsonPatchOperation[])
        expect(comparableVersionless(applyPatch(pod, result.patch))).toEqual(comparableVersionless(want))
      })
    }
  })

  describe('tables', () => {
    const unit = vectors.tables() as Unit

    describe.each(['injectRequired', 'injectRequiredSpellings'] as const)('%s', (group) => {
      for (const row of unit[group]) {
        it(row.name, () => {
          const configuration = loadConfiguration(
            { config: { source: 'config', text: JSON.stringify({ ...row.config, template: '' }) } },
            OPTIONS,
          )
          const { injected } = decide({ metadata: row.metadata, spec: row.podSpec }, '', configuration.decision)
          expect(injected).toBe(row.want)
        })
      }
    })

    it.each(unit.parseInjectEnvs)('parseInjectEnvs: $name', ({ path, want }) => {
      expect(Object.fromEntries(environmentFromPath(path, MINOR))).toEqual(want)
    })

    it.each(unit.enablePrometheusMerge)('enablePrometheusMerge: $name', ({ meshConfig, annotations, want }) => {
      expect(mergesMetrics(annotations ?? {}, meshConfig?.enablePrometheusMerge)).toBe(want)
    })

    it.each(unit.findSidecar)('findSidecar: $name', ({ pod, want }) => {
      expect(findSidecar(pod, ['containers'])?.container.name ?? null).toBe(want)
    })

    it.each(unit.shouldRewriteAppHTTPProbers)('shouldRewriteAppHTTPProbers: $name', (row) => {
      expect(rewrites(row.annotations ?? {}, row.rewriteAppHTTPProbe)).toBe(row.want)
    })

    it.each(unit.applyConcurrency)('applyConcurrency: $name', ({ containers, want }) => {
      const got = containers.map((each) => (each.name === 'istio-proxy' ? withConcurrency(each) : each))
      expect(got).toEqual(want)
    })

    describe('serveInject', () => {
      // What the HTTP server refuses never reaches the injector.
      for (const row of (unit.serveInject?.cases ?? []).filter(
        ({ body, wantAllowed }) => isObject(body ?? null) && wantAllowed !== null,
      )) {
        it(row.name, () => {
          const text = JSON.stringify(unit.serveInject?.config)
          const configuration = loadConfiguration(
            { config: { source: 'config', text }, values: { source: 'values', text: '{}' } },
            OPTIONS,
          )
          const pod = (row.body as { readonly request: { readonly object: JsonObject } }).request.object
          const result = injectPod({ pod, mode: 'webhook', path: row.path }, configuration)
          const got = result.outcome === 'injected' ? applyPatch(pod, result.patch) : pod
          expect(result.outcome).toBe(row.wantPatch === null ? 'skipped' : 'injected')
          expect(comparablePod(got)).toEqual(comparablePod(patched(pod, row.wantPatch ?? [])))
        })
      }
    })
  })
})

interface Unit {
  readonly injectRequired: readonly DecisionRow[]
  readonly injectRequiredSpellings: readonly DecisionRow[]
  readonly parseInjectEnvs: readonly { name: string; path: string; want: Readonly<Record<string, string>> }[]
  readonly enablePrometheusMerge: readonly {
    name: string
    meshConfig: { enablePrometheusMerge?: boolean } | null
    annotations: Readonly<Record<string, string>> | null
    want: boolean
  }[]
  readonly findSidecar: readonly { name: string; pod: JsonObject; want: string | null }[]
  readonly shouldRewriteAppHTTPProbers: readonly {
    name: string
    rewriteAppHTTPProbe: boolean
    annotations: Readonly<Record<string, string>> | null
    want: boolean
  }[]
  readonly applyConcurrency: readonly {
    name: string
    containers: readonly JsonObject[]
    want: readonly JsonObject[]
  }[]
  readonly serveInject?: {
    readonly config: JsonObject
    readonly cases: readonly {
      name: string
      path: string
      body?: Json
      wantAllowed: boolean | null
      wantPatch: readonly JsonPatchOperation[] | null
    }[]
  }
}

interface DecisionRow {
  readonly name: string
  readonly config: JsonObject
  readonly podSpec: JsonObject
  readonly metadata: JsonObject
  readonly want: boolean
}

/** Istio's patch may add into a `metadata` or `spec` that the input leaves out; its own test never applies it. */
function patched(pod: JsonObject, patch: readonly JsonPatchOperation[]): JsonObject {
  return applyPatch({ ...pod, metadata: pod.metadata ?? {}, spec: pod.spec ?? {} }, patch) as JsonObject
}

function comparableVersionless(pod: Json): JsonObject {
  return withoutTemplateVersion(comparablePod(pod))
}
