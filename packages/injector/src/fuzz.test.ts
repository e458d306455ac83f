/** Nothing that a Pod says makes the injector fail in a way of its own, or adds more to the Pod than a value. */
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lawConfigurations } from '../testing/configurations.ts'
import { hostileText, mangled, SCALAR_KEYS, withEntry, withReadAnnotations } from '../testing/hostile.ts'
import { arbitraryPod } from '../testing/pods.ts'
import { loadConfiguration } from './config/load.ts'
import type { Configuration } from './config/types.ts'
import { containersOf } from './data/fields.ts'
import { decide } from './decision/decide.ts'
import { InjectionError } from './errors.ts'
import { explainWorkload } from './explain/explain-workload.ts'
import { injectPod } from './inject.ts'
import { uninjectWorkload } from './uninject/uninject-workload.ts'
import { injectWorkload } from './workload/inject-workload.ts'

const json = fc.jsonValue({ maxDepth: 5 }).map((value) => value as Json)
const pods = arbitraryPod({ ownProxy: true })
/** A deadline for a single Pod, far above what any takes: without it a hang would be a test that never ends. */
const TIMEOUT = 120_000

describe.each(lawConfigurations())('any input ($name)', ({ configuration }) => {
  const request = (pod: JsonObject, mode: 'webhook' | 'manual' = 'webhook') =>
    ({ pod, mode, namespace: 'shop' }) as const

  it('is decided', () => {
    fc.assert(
      fc.property(fc.oneof(json, mangled(pods)), fc.string(), (pod, namespace) => {
        const { steps, reason } = decide(pod as JsonObject, namespace, configuration.decision)
        expect(steps.filter(({ deciding }) => deciding)).toHaveLength(1)
        expect(reason).not.toBe('')
      }),
      { seed: 5, numRuns: 300 },
    )
  })

  it('may be nested deeper than the stack reaches', () => {
    const deep = JSON.parse(`${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`) as Json
    const status = { 'sidecar.istio.io/status': '{}' }
    const spec = { containers: [{ name: 'a', image: 'a' }], unknown: deep }
    const pod = { kind: 'Pod', metadata: { name: 'a', annotations: status }, spec }
    expect(injectPod(request(pod), configuration)).toMatchObject({ outcome: 'failed', error: { code: 'InvalidPod' } })
    expect(uninjectWorkload(pod)).toMatchObject({ kind: 'restored' })
    expect(explainWorkload(pod, configuration).kind).toBe('explained')
  })

  it(
    'is injected, skipped, or refused with an error of ours',
    () => {
      fc.assert(
        fc.property(
          fc.oneof(json, mangled(pods), mangled(pods), withReadAnnotations(pods), withReadAnnotations(mangled(pods))),
          fc.constantFrom('webhook' as const, 'manual' as const),
          (pod, mode) => {
            const result = injectPod(request(pod as JsonObject, mode), configuration)
            if (result.outcome === 'failed') expect(result.error).toBeInstanceOf(InjectionError)
            else if (result.outcome === 'injected') expect(result.origins.length).toBeGreaterThan(0)
          },
        ),
        { seed: 6, numRuns: 300 },
      )
    },
    TIMEOUT,
  )

  it(
    'is a workload or none, explained or not, and uninjected or not, without surprises',
    () => {
      const workload = fc.record({
        apiVersion: fc.constantFrom('v1', 'apps/v1', 'batch/v1'),
        kind: fc.constantFrom('Pod', 'Deployment', 'CronJob', 'Service', 'List'),
        pod: fc.oneof(mangled(pods), withReadAnnotations(pods)),
        junk: json,
      })
      fc.assert(
        fc.property(workload, ({ apiVersion, kind, pod, junk }) => {
          const template = kind === 'CronJob' ? { jobTemplate: { spec: { template: pod } } } : { template: pod }
          const object =
            kind === 'Pod' ? { apiVersion, kind, ...pod } : { apiVersion, kind, metadata: junk, spec: template }
          explainWorkload(object, configuration)
          const result = injectWorkload(object, configuration, { mode: 'manual' })
          uninjectWorkload(result.kind === 'injected' ? result.object : object)
        }),
        { seed: 7, numRuns: 200 },
      )
    },
    TIMEOUT,
  )

  it('a value of an annotation or a label stays a value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SCALAR_KEYS), hostileText, ([map, key], text) => {
        staysValue((value) => [map, key, value], text, configuration)
      }),
      { seed: 8, numRuns: 1500 },
    )
  })

  it('a value of the ProxyConfig in an annotation stays a value', () => {
    fc.assert(
      fc.property(fc.constantFrom(...CONFIGS), hostileText, (config, text) => {
        const written = (value: string) => JSON.stringify(config(value))
        staysValue((value) => ['annotations', 'proxy.istio.io/config', written(value)], text, configuration)
      }),
      { seed: 10, numRuns: 600 },
    )
  })
})

/** Where a ProxyConfig holds text. */
const CONFIGS: readonly ((value: string) => Json)[] = [
  (value) => ({ image: { imageType: value } }),
  (value) => ({ proxyMetadata: { A: value } }),
  (value) => ({ proxyMetadata: { [value]: 'a' } }),
  (value) => ({ discoveryAddress: value }),
  (value) => ({ serviceCluster: value }),
  (value) => ({ terminationDrainDuration: value }),
  (value) => ({ tracing: { zipkin: { address: value } } }),
]

describe('a template that quotes nothing', () => {
  const template = `
metadata:
  annotations:
    plain: {{ index .ObjectMeta.Annotations "a/plain" }}
    double: "{{ index .ObjectMeta.Annotations "a/double" }}"
    single: '{{ index .ObjectMeta.Annotations "a/single" }}'
    # {{ index .ObjectMeta.Annotations "a/comment" }}
spec:
  containers:
  - name: istio-proxy
    image: proxy:1
    args: [ proxy, {{ index .ObjectMeta.Annotations "a/flow" | default "x" }} ]
    env:
    - { name: A, value: {{ index .ObjectMeta.Annotations "a/map" | default "x" }} }
    - name: B
      value: |
        {{ index .ObjectMeta.Annotations "a/block" | default "x" }}
`
  const config = JSON.stringify({ policy: 'enabled', templates: { sidecar: template } })
  const configuration = loadConfiguration({ config: { source: 'config', text: config } }, { compat: 'current' })
  const places = ['plain', 'double', 'single', 'comment', 'map', 'block'] as const

  it('still adds nothing but values', () => {
    fc.assert(
      fc.property(fc.constantFrom(...places), hostileText, (place, text) => {
        staysValue((value) => ['annotations', `a/${place}`, value], text, configuration)
      }),
      { seed: 9, numRuns: 2000 },
    )
  })

  it('takes commas for a list where it has a list: that is how a template is given one', () => {
    const pod = { spec: { containers: [{ name: 'app', image: 'shop:1' }] } }
    const args = (value: string) => {
      const result = injectPod({ pod: withEntry(pod, 'annotations', 'a/flow', value), mode: 'webhook' }, configuration)
      return result.outcome === 'injected' ? containersOf(result.pod, 'containers')[1]?.args : result.outcome
    }
    expect(args('a, b')).toEqual(['proxy', 'a', 'b'])
    expect(args('a, b: c')).toBe('failed')
  })
})

/** Injects with the value, and with letters in place of all that means something: nothing may come of the difference. */
function staysValue(
  entry: (value: string) => readonly ['annotations' | 'labels', string, string],
  text: string,
  configuration: Configuration,
): void {
  const injected = (value: string) => {
    const pod = withEntry({ spec: { containers: [{ name: 'app', image: 'shop:1' }] } }, ...entry(value))
    return injectPod({ pod, mode: 'webhook', namespace: 'shop' }, configuration)
  }
  const result = injected(text)
  if (result.outcome !== 'injected') return
  expect(evilKeys(result.pod)).toEqual([])
  const letters = text.replace(/[^\w,]/g, 'x')
  const plain = injected(letters)
  if (plain.outcome === 'injected') expect(additions(result.pod, plain.pod, { path: '', letters })).toEqual([])
}

/** What the payloads would bring if they were read as YAML. */
function evilKeys(node: Json): readonly string[] {
  if (isArray(node)) return node.flatMap(evilKeys)
  if (!isObject(node)) return []
  return Object.entries(node).flatMap(([key, value]) => [...(key.startsWith('evil') ? [key] : []), ...evilKeys(value)])
}

/**
 * Where a document has more than the other one, or another value than the payload's own place may have. What is blank may
 * be missing: YAML takes it for nothing.
 */
function additions(
  node: Json,
  plain: Json | undefined,
  { path, letters }: { readonly path: string; readonly letters: string },
): readonly string[] {
  const below = (item: Json, other: Json | undefined, step: string | number): readonly string[] =>
    additions(item, other, { path: `${path}/${step}`, letters })
  if (isArray(node)) {
    if (!isArray(plain) || node.length > plain.length) return [path]
    return node.flatMap((item, index) => below(item, plain[index], index))
  }
  if (isObject(node)) {
    if (!isObject(plain)) return [path]
    return Object.entries(node).flatMap(([key, value]) =>
      below(value, Object.hasOwn(plain, key) ? plain[key] : undefined, key),
    )
  }
  if (plain === undefined || typeof plain === 'object') return [path]
  return node === 'evil' && !String(plain).includes(letters) ? [path] : []
}
