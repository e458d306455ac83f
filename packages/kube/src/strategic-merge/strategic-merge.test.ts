import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { clone, type Json, type JsonObject } from '../json.ts'
import { MergeError } from './merge-error.ts'
import { strategicMerge } from './strategic-merge.ts'

type GoCase = [original: Json, patch: Json, outcome: { result: Json } | { error: string }]

/** What Go's strategicpatch 0.36 makes of random Pods and patches: testdata/gen/strategic-merge. */
const goCases = JSON.parse(
  readFileSync(new URL('../../testdata/strategic-merge.json', import.meta.url), 'utf8'),
) as GoCase[]

function outcome(original: Json, patch: Json): { result: Json } | { error: string } {
  try {
    return { result: strategicMerge('v1.Pod', original, patch) }
  } catch (error) {
    if (error instanceof MergeError) return { error: error.message }
    throw error
  }
}

const spec = (value: JsonObject): Json => ({ spec: value })
const containers = (...names: string[]): Json => spec({ containers: names.map((name) => ({ name })) })
const merge = (original: Json, patch: Json): Json => strategicMerge('v1.Pod', original, patch)

describe('strategicMerge', () => {
  it(`agrees with Go in ${goCases.length} cases, error texts included`, () => {
    for (const [original, patch, expected] of goCases) {
      const frozen = JSON.stringify([original, patch])
      expect({ original, patch, outcome: outcome(original, patch) }).toEqual({ original, patch, outcome: expected })
      expect(JSON.stringify([original, patch])).toBe(frozen)
    }
  })

  it('puts new items before those that only the original has, and follows the order of the patch', () => {
    expect(merge(containers('app'), containers('proxy'))).toEqual(containers('proxy', 'app'))
    expect(merge(containers('a', 'b', 'c'), containers('c', 'a'))).toEqual(containers('b', 'c', 'a'))
    expect(merge(containers('a', 'b'), containers('b', 'x'))).toEqual(containers('a', 'b', 'x'))
  })

  it('merges items by key, maps recursively, and replaces lists without key', () => {
    const original = spec({ containers: [{ name: 'a', args: ['1'], env: [{ name: 'X', value: '1' }] }] })
    const patch = spec({ containers: [{ name: 'a', args: ['2'], env: [{ name: 'X', valueFrom: {} }] }] })
    expect(merge(original, patch)).toEqual(
      spec({ containers: [{ name: 'a', args: ['2'], env: [{ name: 'X', value: '1', valueFrom: {} }] }] }),
    )
  })

  it('deletes with null, and ignores null where there is nothing', () => {
    expect(merge(spec({ initContainers: [{ name: 'i' }] }), spec({ initContainers: null, volumes: null }))).toEqual(
      spec({}),
    )
    expect(merge({}, spec({ securityContext: { runAsUser: null, fsGroup: 1 } }))).toEqual(
      spec({ securityContext: { fsGroup: 1 } }),
    )
  })

  it('says which item has no key, and where', () => {
    const run = (): Json => merge(containers('a'), spec({ containers: [{ image: 'x' }] }))
    expect(run).toThrow('map: map[image:x] does not contain declared merge key: name')
    try {
      run()
    } catch (error) {
      expect(error).toMatchObject({ name: 'MergeError', path: 'spec.containers' })
    }
  })

  it('keeps fields that Kubernetes does not know', () => {
    const original = { spec: { x: { y: 1 }, containers: [{ name: 'a', future: [1] }] } }
    expect(merge(original, spec({ containers: [{ name: 'a', image: 'i' }] }))).toEqual({
      spec: { x: { y: 1 }, containers: [{ name: 'a', future: [1], image: 'i' }] },
    })
  })

  it('shares what it does not touch', () => {
    const original = { metadata: { labels: { a: '1' } }, spec: { containers: [{ name: 'a' }] } }
    const result = merge(original, { metadata: { labels: { b: '2' } } }) as typeof original
    expect(result.spec).toBe(original.spec)
    expect(merge(original, { metadata: { labels: { a: '1' } } })).toBe(original)
    expect(merge(original, null)).toBe(original)
  })

  it('treats __proto__ as an ordinary key', () => {
    const patch = JSON.parse('{"metadata":{"annotations":{"__proto__":"x"}}}') as Json
    expect(JSON.stringify(merge({ metadata: { annotations: { a: '1' } } }, patch))).toBe(
      '{"metadata":{"annotations":{"a":"1","__proto__":"x"}}}',
    )
  })

  it('refuses documents that are no objects', () => {
    expect(() => merge([], {})).toThrow(MergeError)
    expect(() => merge({}, 'x')).toThrow('invalid JSON document')
  })

  it('merges ten thousand variables without comparing each with each', () => {
    const env = Array.from({ length: 10_000 }, (_, i) => ({ name: `V${i}`, value: 'x' }))
    const patch = spec({ containers: [{ name: 'a', env: env.map(({ name }) => ({ name, value: 'y' })).toReversed() }] })
    const result = merge(spec({ containers: [{ name: 'a', env }] }), patch) as {
      spec: { containers: [{ env: Json[] }] }
    }
    expect(result.spec.containers[0].env[0]).toEqual({ name: 'V9999', value: 'y' })
  })

  /** A container list as users write it: unique names, a few fields, no directives. */
  const containerList = fc
    .uniqueArray(
      fc.record(
        {
          name: fc.constantFrom('a', 'b', 'c', 'd', 'e'),
          image: fc.constantFrom('x', 'y'),
          args: fc.array(fc.constantFrom('1', '2'), { maxLength: 2 }),
          env: fc.uniqueArray(fc.record({ name: fc.constantFrom('A', 'B', 'C'), value: fc.constantFrom('1', '2') }), {
            selector: (item) => item.name,
            maxLength: 3,
          }),
        },
        { requiredKeys: ['name'] },
      ),
      { selector: (item) => item.name, maxLength: 5 },
    )
    .map((list) => spec({ containers: list }))

  it('law: a patch applied twice is the patch applied once', () => {
    fc.assert(
      fc.property(containerList, containerList, (original, patch) => {
        const once = merge(original, patch)
        expect(merge(once, patch)).toEqual(once)
      }),
      { seed: 3, numRuns: 500 },
    )
  })

  it('law: an empty patch and the original itself change nothing', () => {
    fc.assert(
      fc.property(containerList, (original) => {
        expect(merge(original, {})).toBe(original)
        expect(merge(original, clone(original))).toEqual(original)
      }),
      { seed: 4, numRuns: 200 },
    )
  })
})
