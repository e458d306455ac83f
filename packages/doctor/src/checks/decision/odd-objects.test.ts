import { readdirSync } from 'node:fs'
import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FIXTURES, fixturesOf, loadFixture } from '../../../testing/fixture.ts'
import { clusterOf } from '../../cluster/cluster.ts'
import { namespaceTable } from '../../mesh/namespace-table.ts'
import { DECISION_CHECKS } from './index.ts'

/** The clusters of all fixtures of this folder's checks. */
const files = readdirSync(FIXTURES)
  .filter((name) => DECISION_CHECKS.some(({ id }) => id === name))
  .flatMap((id) => fixturesOf(id).map(({ file }) => file))

/** What stands where something else is expected. */
const odd: fc.Arbitrary<Json> = fc.oneof(
  fc.constantFrom<Json>(null, true, 0, '', 'x', [], {}, [null], [1, {}], JSON.parse('{"__proto__":1}'), '1e999'),
  fc.string(),
  fc.jsonValue({ maxDepth: 2 }) as fc.Arbitrary<Json>,
)

/** The value with something odd in the place that the numbers lead to. */
function spoil(value: Json, way: readonly number[], to: Json): Json {
  const [step, ...rest] = way
  if (step === undefined) return to
  if (isArray(value) && value.length > 0) {
    const index = step % value.length
    return value.map((item, i) => (i === index ? spoil(item, rest, to) : item))
  }
  if (!isObject(value)) return to
  const keys = Object.keys(value)
  const key = keys[step % Math.max(keys.length, 1)]
  if (key === undefined) return to
  return Object.fromEntries(
    keys.map((one) => [one, one === key ? spoil(value[one] ?? null, rest, to) : (value[one] ?? null)]),
  )
}

describe('objects that are not what they should be', () => {
  it('never make a check of the decision throw, nor what it says', () => {
    const spoiled = fc.record({
      file: fc.constantFrom(...files),
      which: fc.nat(200),
      way: fc.array(fc.nat(30), { minLength: 1, maxLength: 8 }),
      to: odd,
    })
    fc.assert(
      fc.property(fc.array(spoiled, { minLength: 1, maxLength: 4 }), (changes) => {
        const snapshot = loadFixture(changes[0]?.file ?? '')
        const objects: Json[] = [...snapshot.objects]
        for (const { which, way, to } of changes) {
          const index = which % objects.length
          objects[index] = spoil(objects[index] ?? null, way, to)
        }
        const cluster = clusterOf({ ...snapshot, objects: objects.filter((one): one is JsonObject => isObject(one)) })
        for (const check of DECISION_CHECKS) expect(() => JSON.stringify(check.run(cluster)), check.id).not.toThrow()
        expect(() => namespaceTable(cluster)).not.toThrow()
      }),
      { numRuns: 150, seed: 4 },
    )
  })
})
