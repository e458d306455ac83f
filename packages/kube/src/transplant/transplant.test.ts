import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json, JsonObject, MutableJsonObject } from '../json.ts'
import { strategicMerge } from '../strategic-merge/strategic-merge.ts'
import { readTyped } from '../typed/typed.ts'
import { transplant } from './transplant.ts'

/** Merges a patch into what the user wrote, as the injector does: typed merge, then transplant. */
function mergeInto(raw: Json, patch: Json): Json {
  const base = readTyped('v1.Pod', raw)
  const result = readTyped('v1.Pod', strategicMerge('v1.Pod', base, patch))
  return transplant('v1.Pod', raw, base, result)
}

/** Replaces the pod spec of the typed object. */
function withSpec(raw: Json, spec: JsonObject): Json {
  const base = readTyped('v1.Pod', raw) as JsonObject
  return transplant('v1.Pod', raw, base, readTyped('v1.Pod', { ...base, spec }))
}

describe('transplant', () => {
  it('returns the object itself when nothing changes', () => {
    const raw = { spec: { future: 1, containers: [{ name: 'a', resources: { limits: { cpu: '1000m' } } }] } }
    const base = readTyped('v1.Pod', raw)
    expect(transplant('v1.Pod', raw, base, readTyped('v1.Pod', raw))).toBe(raw)
  })

  it('keeps unknown fields, the spelling of quantities, explicit zeros and key order', () => {
    const raw = {
      spec: {
        hostNetwork: false,
        future: { x: 1 },
        containers: [
          { image: 'i', name: 'app', resources: { limits: { memory: '1024Mi', cpu: 0.5 } }, future: [1], stdin: null },
        ],
        volumes: null,
      },
      apiVersion: 'v1',
    }
    const patch = { spec: { containers: [{ name: 'proxy' }, { name: 'app', env: [{ name: 'A' }] }] } }
    expect(JSON.stringify(mergeInto(raw, patch))).toBe(
      JSON.stringify({
        spec: {
          hostNetwork: false,
          future: { x: 1 },
          containers: [
            { name: 'proxy' },
            {
              image: 'i',
              name: 'app',
              resources: { limits: { memory: '1024Mi', cpu: 0.5 } },
              future: [1],
              stdin: null,
              env: [{ name: 'A' }],
            },
          ],
          volumes: null,
        },
        apiVersion: 'v1',
      }),
    )
  })

  it('follows containers by name when they are reordered', () => {
    const raw = {
      spec: {
        containers: [
          { name: 'a', future: 'A' },
          { name: 'b', future: 'B' },
        ],
      },
    }
    expect(withSpec(raw, { containers: [{ name: 'b', image: 'x' }, { name: 'a' }] })).toEqual({
      spec: {
        containers: [
          { name: 'b', future: 'B', image: 'x' },
          { name: 'a', future: 'A' },
        ],
      },
    })
  })

  it('follows a container into the other list and back', () => {
    const raw = { spec: { containers: [{ name: 'a' }, { name: 'p', future: 1 }] } }
    const moved = withSpec(raw, { initContainers: [{ name: 'p', image: 'x' }], containers: [{ name: 'a' }] })
    expect(moved).toEqual({
      spec: { containers: [{ name: 'a' }], initContainers: [{ name: 'p', future: 1, image: 'x' }] },
    })
    expect(withSpec(moved, { containers: [{ name: 'p', image: 'x' }, { name: 'a' }] })).toEqual({
      spec: { containers: [{ name: 'p', future: 1, image: 'x' }, { name: 'a' }] },
    })
  })

  it('does not give the fields of a container to a namesake while both exist', () => {
    const raw = { spec: { containers: [{ name: 'a', future: 1 }] } }
    expect(withSpec(raw, { containers: [{ name: 'a' }], initContainers: [{ name: 'a' }] })).toEqual({
      spec: { containers: [{ name: 'a', future: 1 }], initContainers: [{ name: 'a' }] },
    })
  })

  it('tells ports with the same number apart', () => {
    const ports = [
      { containerPort: 53, protocol: 'UDP', future: 'U' },
      { containerPort: 53, protocol: 'TCP', future: 'T' },
    ]
    const raw = { spec: { containers: [{ name: 'a', ports }] } }
    const swapped = [
      { containerPort: 53, protocol: 'TCP' },
      { containerPort: 53, protocol: 'UDP', name: 'dns' },
    ]
    expect(withSpec(raw, { containers: [{ name: 'a', ports: swapped }] })).toEqual({
      spec: {
        containers: [
          {
            name: 'a',
            ports: [
              { containerPort: 53, protocol: 'TCP', future: 'T' },
              { containerPort: 53, protocol: 'UDP', future: 'U', name: 'dns' },
            ],
          },
        ],
      },
    })
  })

  it('keeps what stays at the ends of lists without keys', () => {
    const raw = {
      spec: {
        tolerations: [
          { key: 'a', future: 1 },
          { key: 'b', future: 2 },
        ],
        containers: [],
      },
    }
    expect(withSpec(raw, { tolerations: [{ key: 'x' }, { key: 'a' }, { key: 'b' }], containers: [] })).toMatchObject({
      spec: { tolerations: [{ key: 'x' }, { key: 'a', future: 1 }, { key: 'b', future: 2 }] },
    })
    expect(withSpec(raw, { tolerations: [{ key: 'a' }], containers: [] })).toMatchObject({
      spec: { tolerations: [{ key: 'a', future: 1 }] },
    })
  })

  it('removes what is gone, but not unknown fields that can stay', () => {
    const raw = { spec: { containers: [{ name: 'a', resources: { limits: { cpu: '1' }, future: 1 }, image: 'i' }] } }
    expect(withSpec(raw, { containers: [{ name: 'a' }] })).toEqual({
      spec: { containers: [{ name: 'a', resources: { future: 1 } }] },
    })
  })

  it('leaves out what the base was given before the change', () => {
    const base = { metadata: { namespace: 'shop' } }
    const result = { metadata: { namespace: 'shop', labels: { a: '1' } } }
    expect(transplant('v1.Pod', {}, base, result)).toEqual({ metadata: { labels: { a: '1' } } })
    expect(transplant('v1.Pod', {}, base, { metadata: { namespace: 'shop' } })).toEqual({})
  })

  it('adds to what reads as nothing', () => {
    const raw = { spec: { containers: [{ name: 'a', resources: { future: 1 }, env: [] }], volumes: null } }
    const container = { name: 'a', resources: { limits: { cpu: '1' } }, env: [{ name: 'X' }] }
    expect(withSpec(raw, { containers: [container], volumes: [{ name: 'v' }] })).toEqual({
      spec: {
        containers: [{ name: 'a', resources: { future: 1, limits: { cpu: '1' } }, env: [{ name: 'X' }] }],
        volumes: [{ name: 'v' }],
      },
    })
  })
})

describe('laws', () => {
  const names = ['a', 'b', 'c', 'd'] as const
  const env = fc.uniqueArray(
    fc.record(
      { name: fc.constantFrom(...names), value: fc.constantFrom('', '1'), unknownE: fc.constant(1) },
      { requiredKeys: ['name'] },
    ),
    { selector: (item) => item.name, maxLength: 3 },
  )
  const container = fc.record(
    {
      name: fc.constantFrom(...names),
      image: fc.constantFrom('x', 'y'),
      env: fc.oneof(env, fc.constant(null)),
      resources: fc.constantFrom<Json>({}, { limits: { memory: '1024Mi' } }, { limits: { cpu: 0.5 }, unknownR: 1 }),
      securityContext: fc.constantFrom<Json>(null, {}, { runAsUser: 0, unknownS: {} }, { privileged: false }),
      ports: fc.constantFrom<Json>([{ containerPort: 1, protocol: 'TCP', unknownP: 1 }, { containerPort: 1 }], []),
      args: fc.array(fc.constantFrom('1', '2'), { maxLength: 2 }),
      unknownC: fc.constantFrom<Json>(1, { a: null }),
    },
    { requiredKeys: ['name'] },
  )
  const containers = fc.uniqueArray(container, { selector: (item) => item.name, maxLength: 4 })
  const pod = fc
    .record({
      metadata: fc.record({ labels: fc.constantFrom<Json>({}, { a: '1' }, null), unknownM: fc.constant(true) }),
      spec: fc.record(
        {
          containers,
          initContainers: containers,
          tolerations: fc.array(fc.record({ key: fc.constantFrom('k', 'l'), unknownT: fc.nat(2) }), { maxLength: 3 }),
          unknownP: fc.constant('p'),
        },
        { requiredKeys: ['containers', 'unknownP'] },
      ),
    })
    .map((value) => value as Json)

  it('reading the transplant gives the result', () => {
    fc.assert(
      fc.property(pod, pod, (raw, other) => {
        const base = readTyped('v1.Pod', raw)
        const result = readTyped('v1.Pod', other)
        expect(readTyped('v1.Pod', transplant('v1.Pod', raw, base, result))).toEqual(result)
      }),
      { seed: 5, numRuns: 1000 },
    )
  })

  it('unknown fields of every container that is still there survive with it', () => {
    fc.assert(
      fc.property(pod, pod, (raw, patch) => {
        const merged = mergeInto(raw, readTyped('v1.Pod', patch))
        for (const list of ['containers', 'initContainers']) {
          for (const before of containersOf(raw, list)) {
            const after = containersOf(merged, list).find((item) => item.name === before.name)
            expect(after?.unknownC).toEqual(before.unknownC)
          }
        }
        expect(merged).toMatchObject({ metadata: { unknownM: true }, spec: { unknownP: 'p' } })
      }),
      { seed: 6, numRuns: 500 },
    )
  })

  type Nested = { spec: MutableJsonObject }
  function containersOf(value: Json, list: string): MutableJsonObject[] {
    return ((value as Nested).spec[list] ?? []) as MutableJsonObject[]
  }
})
