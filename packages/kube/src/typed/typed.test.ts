import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Json } from '../json.ts'
import { TypedError } from './mismatch.ts'
import { readTyped } from './typed.ts'

/** What Go prints after reading an input into v1.Pod (0.36), or its error: testdata/gen/typed. */
const goCases = JSON.parse(readFileSync(new URL('../../testdata/typed.json', import.meta.url), 'utf8')) as [
  input: Json,
  output: Json | { error: string },
][]

/**
 * Where JavaScript cannot follow: it has no other number for `1e3` than 1000 and none for 2^63, and field names
 * count with their case here, as in the API server.
 */
const UNLIKE_GO = [
  '{"metadata":{"generation":1000}}',
  'generation":9223372036854776000',
  '"Image":"x"',
  '"memory":1000',
]

const pod = (value: Json): Json => readTyped('v1.Pod', value)

describe('readTyped', () => {
  it(`prints what Go prints, or fails as it does, in ${goCases.length} cases`, () => {
    for (const [input, expected] of goCases) {
      const text = JSON.stringify(input)
      if (UNLIKE_GO.some((part) => text.includes(part))) continue
      let output: Json
      try {
        output = readTyped('v1.Pod', input, { goZeros: true })
      } catch (error) {
        if (!(error instanceof TypedError)) throw error
        output = { error: error.message }
      }
      expect([text, JSON.stringify(output)]).toEqual([text, JSON.stringify(expected)])
      expect(JSON.stringify(input)).toBe(text)
    }
  })

  it('drops unknown fields and optional zeros, and makes quantities canonical', () => {
    expect(
      pod({
        future: 1,
        spec: {
          hostNetwork: false,
          containers: [
            {
              name: 'a',
              future: 1,
              resources: { limits: { cpu: '2000m' } },
              securityContext: { runAsUser: 0, privileged: false },
              livenessProbe: { initialDelaySeconds: 0, httpGet: { port: 'http' } },
            },
          ],
        },
      }),
    ).toEqual({
      spec: {
        containers: [
          {
            name: 'a',
            resources: { limits: { cpu: '2' } },
            securityContext: { runAsUser: 0, privileged: false },
            livenessProbe: { httpGet: { port: 'http' } },
          },
        ],
      },
    })
  })

  it('leaves out zeros that only Go prints, unless they are wanted', () => {
    const value = { metadata: {}, spec: { containers: [{ name: 'a' }] } }
    expect(pod(value)).toEqual({ spec: { containers: [{ name: 'a' }] } })
    expect(readTyped('v1.Pod', value, { goZeros: true })).toEqual({
      metadata: {},
      spec: { containers: [{ name: 'a', resources: {} }] },
      status: {},
    })
  })

  it('puts maps into the order in which Go prints them, where it prints', () => {
    const value = { name: 'a', resources: { limits: { memory: '1Gi', cpu: '1' } } }
    const limits = (read: Json): string => JSON.stringify((read as { resources: { limits: Json } }).resources.limits)
    expect(limits(readTyped('v1.Container', value, { goZeros: true }))).toBe('{"cpu":"1","memory":"1Gi"}')
    expect(limits(readTyped('v1.Container', value))).toBe('{"memory":"1Gi","cpu":"1"}')
  })

  it('keeps unknown fields where that is asked for', () => {
    expect(readTyped('v1.Container', { x: 1, name: 'a', image: '' }, { unknown: 'keep' })).toEqual({ name: 'a', x: 1 })
  })

  it('shares with the input what it does not change', () => {
    const value = { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'a', args: ['x'] }] } }
    expect(pod(value)).toBe(value)
  })

  it.each<[Json, string, string]>([
    [
      { spec: { containers: [{ name: 'a' }, { name: 'b', env: [{ name: 'X', value: 1 }] }] } },
      'json: cannot unmarshal number into Go struct field EnvVar.spec.containers.env.value of type string',
      'spec.containers[1].env[0].value',
    ],
    [
      { metadata: { annotations: { 'a.b/c': true } } },
      'json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.annotations of type string',
      'metadata.annotations["a.b/c"]',
    ],
    [[], 'json: cannot unmarshal array into Go value of type v1.Pod', ''],
  ])('says as Go does what does not fit, and where: %j', (value, message, path) => {
    expect(() => pod(value)).toThrow(TypedError)
    try {
      pod(value)
    } catch (error) {
      expect(error).toMatchObject({ message, path })
    }
  })

  it('puts the place of the value before the path', () => {
    expect(() => readTyped('v1.Container', { name: 1 }, { path: ['overrides', 0] })).toThrow(
      expect.objectContaining({ path: 'overrides[0].name' }),
    )
  })

  it('treats __proto__ as an ordinary key', () => {
    const value = JSON.parse('{"metadata":{"labels":{"__proto__":"x","a":null}}}') as Json
    expect(JSON.stringify(pod(value))).toBe('{"metadata":{"labels":{"__proto__":"x","a":""}}}')
  })

  it('law: never fails with anything but a TypedError', () => {
    const values = fc.letrec<{ value: unknown }>((tie) => ({
      value: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, 0, 1.5, '', 'x', true, '1Gi'),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(
          fc.constantFrom('metadata', 'spec', 'containers', 'name', 'env', 'resources', 'limits', 'livenessProbe', 'x'),
          tie('value'),
          { maxKeys: 4 },
        ),
      ),
    })).value
    fc.assert(
      fc.property(values, (value) => {
        try {
          pod(value as Json)
        } catch (error) {
          expect(error).toBeInstanceOf(TypedError)
        }
      }),
      { seed: 8, numRuns: 2000 },
    )
  })

  it('law: reading twice is reading once, and zeros can be added later', () => {
    const readable = goCases.filter(([, output]) => !JSON.stringify(output).startsWith('{"error"'))
    for (const [input] of readable) {
      const once = pod(input)
      expect(pod(once)).toBe(once)
      expect(readTyped('v1.Pod', once, { goZeros: true })).toEqual(readTyped('v1.Pod', input, { goZeros: true }))
    }
  })
})
