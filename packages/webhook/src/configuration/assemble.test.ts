import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { LoadedConfiguration } from '../contracts.ts'
import { watchable } from '../watched.ts'
import { assembler, type ClusterFacts, type Texts } from './assemble.ts'
import { nodeFacts } from './node-facts.ts'
import { proxyConfigFacts } from './proxy-config-facts.ts'

const CONFIGS = {
  good1: 'policy: enabled\ntemplates: {sidecar: "metadata: {labels: {v: one}}"}',
  good2: 'policy: disabled\ntemplates: {sidecar: "metadata: {labels: {v: two}}"}',
  noYaml: 'policy: [',
  badTemplate: 'policy: enabled\ntemplates: {sidecar: "{{ nope }}"}',
  badPolicy: 'policy: on\ntemplates: {sidecar: "a: b"}',
} as const
const VALUES = { good1: '{}', good2: '{"global":{"tag":"1.28.0"}}', bad: '[]' } as const
const MESHES = { good1: '{}', good2: 'rootNamespace: mesh', bad: 'accessLogFile: {}' } as const

type Name<T> = keyof T
interface Whole {
  readonly config: Name<typeof CONFIGS>
  readonly values: Name<typeof VALUES>
  readonly mesh: Name<typeof MESHES>
}
const wholes: fc.Arbitrary<Whole | 'missing'> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      config: fc.constantFrom('good1', 'good1', 'good2', 'good2', 'noYaml', 'badTemplate', 'badPolicy'),
      values: fc.constantFrom('good1', 'good1', 'good2', 'bad'),
      mesh: fc.constantFrom('good1', 'good1', 'good2', 'bad'),
    }),
  },
  { weight: 1, arbitrary: fc.constant('missing' as const) },
) as fc.Arbitrary<Whole | 'missing'>

function textsOf(whole: Whole | 'missing'): Texts {
  if (whole === 'missing') return { problem: 'it is not there' }
  return {
    sources: {
      config: { text: CONFIGS[whole.config], source: 'the config' },
      values: { text: VALUES[whole.values], source: 'the values' },
      mesh: { text: MESHES[whole.mesh], source: 'the mesh' },
    },
  }
}

const isGood = (whole: Whole | 'missing'): whole is Whole =>
  whole !== 'missing' && whole.config.startsWith('good') && whole.values !== 'bad' && whole.mesh !== 'bad'

function start(): {
  state: ReturnType<typeof watchable<LoadedConfiguration>>
  update(whole: Whole | 'missing', facts?: ClusterFacts): void
} {
  const state = watchable<LoadedConfiguration>()
  const assemble = assembler({ env: {} }, state)
  return { state, update: (whole, facts = {}) => assemble.update(textsOf(whole), facts) }
}

const FIRST: Whole = { config: 'good1', values: 'good1', mesh: 'good1' }

describe('a configuration', () => {
  it('that serves is always the last good whole, and generation counts the good changes', () => {
    fc.assert(
      fc.property(fc.array(wholes, { maxLength: 20 }), (changes) => {
        const { state, update } = start()
        let serving: Whole | undefined
        let generation = 0
        for (const whole of changes) {
          const before = state.current
          update(whole)
          if (isGood(whole)) {
            if (JSON.stringify(whole) !== JSON.stringify(serving)) generation++
            serving = whole
            expect(state.problem).toBeUndefined()
          } else {
            expect(state.problem).toBeTypeOf('string')
            expect(state.current).toBe(before)
          }
          expect(state.current?.sources).toEqual(serving === undefined ? undefined : textsOf(serving).sources)
          expect(state.current?.generation).toBe(serving === undefined ? undefined : generation)
        }
      }),
      { numRuns: 100, seed: 20261120 },
    )
  })

  it.each([
    ['config', { config: 'noYaml' }, /^the config, line \d+: not YAML: /],
    ['a template', { config: 'badTemplate' }, /^the config, templates\.sidecar, line 2: .*function "nope" not defined/],
    [
      'the policy',
      { config: 'badPolicy' },
      /^the config, policy: policy true is unknown: nothing is injected \(use enabled or disabled\)$/,
    ],
    ['values', { values: 'bad' }, /^the values: is not an object$/],
    ['mesh', { mesh: 'bad' }, /^the mesh/],
  ] as const)('that is wrong in %s says where', (_, wrong, message) => {
    const { state, update } = start()
    update({ ...FIRST, ...wrong } as Whole)
    expect(state.problem).toMatch(message)
    expect(state.current).toBeUndefined()
  })

  it('never has new templates with old values, as Istio would', () => {
    const { state, update } = start()
    update(FIRST)
    update({ ...FIRST, config: 'good2', values: 'bad' })
    expect(state.current?.configuration.decision.policy).toBe('enabled')
    update({ ...FIRST, config: 'good2' })
    expect(state.current?.configuration.decision.policy).toBe('disabled')
  })

  it('is compiled once for each change, not for each look', () => {
    const { state, update } = start()
    update(FIRST)
    const first = state.current
    let told = 0
    state.subscribe(() => told++)
    update(FIRST)
    update({ ...FIRST, config: 'badTemplate' })
    update({ ...FIRST, config: 'badTemplate' })
    update(FIRST)
    expect(state.current).toBe(first)
    // The problem came, and it went.
    expect(told).toBe(2)
  })

  it('knows what the cluster says', () => {
    const { state, update } = start()
    update(FIRST, { nodes: [{ metadata: { name: 'a' } }] })
    update(FIRST, { nodes: [{ metadata: { name: 'a' } }], proxyConfigs: [] })
    expect(state.current).toMatchObject({
      generation: 2,
      options: { nodes: [{ metadata: { name: 'a' } }], proxyConfigs: [] },
    })
  })
})

describe('Nodes', () => {
  const node = (name: string, kubeletVersion: string) => ({
    metadata: { name },
    status: { nodeInfo: { kubeletVersion }, images: [] },
  })
  const names = (...nodes: readonly ReturnType<typeof node>[]): string[] =>
    nodeFacts(nodes).map((one) =>
      JSON.stringify(one)
        .replace(/.*"name":"(\w*)".*"kubeletVersion":"([^"]*)".*/, '$1 $2')
        .trim(),
    )

  it('of one minor version are one for each version: that one comes or goes is no change', () => {
    expect(names(node('a', 'v1.33.1'), node('b', 'v1.33.1'), node('c', 'v1.33.4'))).toEqual(['v1.33.1', 'v1.33.4'])
    expect(names()).toEqual([])
  })

  it('of several are told with their names, for Pods that are bound to one', () => {
    expect(names(node('b', 'v1.33.1'), node('a', 'v1.32.0-gke.1'))).toEqual(['a v1.32.0-gke.1', 'b v1.33.1'])
  })
})

describe('ProxyConfig resources', () => {
  it('come by age, without what changes without a meaning', () => {
    const one = (name: string, day: number) => ({
      apiVersion: 'networking.istio.io/v1beta1',
      kind: 'ProxyConfig',
      metadata: {
        name,
        namespace: 'shop',
        creationTimestamp: `2026-01-0${day}T00:00:00Z`,
        resourceVersion: '7',
        managedFields: [],
      },
      spec: { concurrency: day },
      status: {},
    })
    expect(proxyConfigFacts([one('a', 2), one('b', 1)])).toEqual([
      {
        apiVersion: 'networking.istio.io/v1beta1',
        kind: 'ProxyConfig',
        metadata: { name: 'b', namespace: 'shop', creationTimestamp: '2026-01-01T00:00:00Z' },
        spec: { concurrency: 1 },
      },
      expect.objectContaining({ spec: { concurrency: 2 } }),
    ])
  })
})
