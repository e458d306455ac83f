import type { Json, JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { sharing } from './sharing.ts'
import { trimmed } from './trim.ts'

describe('sharing', () => {
  it('changes no object', () => {
    const json = fc.dictionary(
      fc.oneof(fc.constantFrom('metadata', 'spec', 'managedFields', '__proto__'), fc.string()),
      fc.jsonValue({ maxDepth: 4 }),
    ) as fc.Arbitrary<Record<string, Json>>
    const share = sharing()
    fc.assert(
      fc.property(json, (object) => {
        expect(share(object)).toEqual(object)
      }),
      { seed: 4, numRuns: 300 },
    )
  })

  it('keeps the variables of replicas once, though each has a volume of its own', () => {
    const env = Array.from({ length: 10 }, (_, index) => ({ name: `NAME_${index}`, value: 'x' }))
    const pod = (index: number): JsonObject =>
      JSON.parse(
        JSON.stringify({
          kind: 'Pod',
          spec: { containers: [{ name: 'web', env, volumeMounts: [{ name: `token-${index}` }] }] },
        }),
      )
    const share = sharing()
    const envOf = (one: JsonObject): unknown => ((one.spec as JsonObject).containers as JsonObject[])[0]?.env
    expect(envOf(share(pod(1)))).toBe(envOf(share(pod(2))))
  })
})

describe('trimmed', () => {
  it('drops retired ReplicaSets, images of Nodes, and who wrote the fields of a status', () => {
    const set = (replicas: number): JsonObject => ({ spec: { replicas }, status: { replicas: 0 } })
    expect(trimmed('ReplicaSet', set(0))).toBeUndefined()
    // None of its Pods could be created: this is what is looked for.
    expect(trimmed('ReplicaSet', set(2))).toEqual(set(2))
    expect(trimmed('Node', { status: { images: [1], nodeInfo: {} } })).toEqual({ status: { nodeInfo: {} } })
    const managedFields = [
      { manager: 'a', fieldsV1: { x: {} } },
      { manager: 'kubelet', subresource: 'status', time: 't', fieldsV1: { x: {} } },
    ]
    expect(trimmed('Pod', { metadata: { name: 'x', managedFields } })).toEqual({
      metadata: {
        name: 'x',
        managedFields: [managedFields[0], { manager: 'kubelet', subresource: 'status', time: 't' }],
      },
    })
  })
})
