import { isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fixturesOf, HEALTHY, loadFixture } from '../../../testing/fixture.ts'
import { clusterOf } from '../../cluster/cluster.ts'
import { REACHABILITY_CHECKS } from './index.ts'

const SNAPSHOTS = REACHABILITY_CHECKS.flatMap(({ id }) => fixturesOf(id)).map(({ file }) => loadFixture(file))
const ODD: readonly Json[] = [null, '', 'text', 0, -1, 1e9, true, [], {}, [null], ['a'], [{}], { a: 1 }]

describe('objects of any shape', () => {
  it('never make a check throw, and never show in a sentence', () => {
    const anywhere = fc.array(fc.nat({ max: 40 }), { minLength: 1, maxLength: 8 })
    const changes = fc.array(fc.tuple(fc.nat(), anywhere, fc.constantFrom(...ODD)), { minLength: 1, maxLength: 12 })
    fc.assert(
      fc.property(fc.nat({ max: SNAPSHOTS.length - 1 }), changes, (which, odd) => {
        const snapshot = SNAPSHOTS[which] ?? loadFixture(HEALTHY)
        const objects = [...snapshot.objects]
        for (const [position, steps, value] of odd) {
          const index = position % objects.length
          objects[index] = replaced(objects[index] ?? {}, steps, value) as JsonObject
        }
        const cluster = clusterOf({ ...snapshot, objects })
        for (const check of REACHABILITY_CHECKS) {
          for (const outcome of check.run(cluster)) {
            const text = outcome.outcome === 'found' ? outcome.message : outcome.reason
            expect(`${text.en}${text.zh}`).not.toMatch(/undefined|\[object|NaN/)
          }
        }
      }),
      { numRuns: 400, seed: 4 },
    )
  })
})

/** A copy with something else at a place that the steps choose. The object stays one of its kind and name. */
function replaced(value: Json, steps: readonly number[], odd: Json, depth = 0): Json {
  const [step, ...rest] = steps
  if (step === undefined) return odd
  if (isArray(value)) {
    if (value.length === 0) return odd
    return value.map((item, index) => (index === step % value.length ? replaced(item, rest, odd, depth + 1) : item))
  }
  if (!isObject(value)) return odd
  const keys = Object.keys(value).filter((key) => depth > 0 || (key !== 'apiVersion' && key !== 'kind'))
  const key = keys[step % Math.max(1, keys.length)]
  if (key === undefined) return odd
  return { ...value, [key]: replaced(value[key] ?? null, rest, odd, depth + 1) }
}
