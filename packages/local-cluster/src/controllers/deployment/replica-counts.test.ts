import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type Limits,
  nextNewReplicas,
  nextOldReplicas,
  proportionalReplicas,
  resolveIntOrPercent,
  resolveLimits,
} from './replica-counts.ts'

describe('maxSurge and maxUnavailable', () => {
  it('are numbers, or parts of the replicas: the surge rounded up, the rest down', () => {
    expect(resolveIntOrPercent('25%', 3, 'up')).toBe(1)
    expect(resolveIntOrPercent('25%', 3, 'down')).toBe(0)
    expect(resolveLimits('25%', '25%', 10)).toEqual({ maxSurge: 3, maxUnavailable: 2 })
    expect(resolveLimits(2, 1, 10)).toEqual({ maxSurge: 2, maxUnavailable: 1 })
  })

  it('let one Pod be unavailable when both would be 0, as otherwise nothing could move', () => {
    expect(resolveLimits(0, '10%', 3)).toEqual({ maxSurge: 0, maxUnavailable: 1 })
  })
})

interface Model {
  newSet: { replicas: number; available: number }
  olds: { replicas: number; available: number }[]
}

/** One look of the controller, as it takes them: the new set up, or else the old ones down. */
function look(model: Model, wanted: number, limits: Limits): boolean {
  const total = model.newSet.replicas + model.olds.reduce((sum, old) => sum + old.replicas, 0)
  const up = nextNewReplicas(wanted, limits, model.newSet.replicas, total)
  if (up !== model.newSet.replicas) {
    model.newSet.replicas = up
    return true
  }
  const next = nextOldReplicas(wanted, limits, model.newSet, model.olds)
  const changed = next.some((replicas, index) => replicas !== model.olds[index]?.replicas)
  // A ReplicaSet deletes Pods that are not ready first.
  model.olds = model.olds.map((old, index) => {
    const replicas = next[index] ?? 0
    return { replicas, available: Math.min(old.available, replicas) }
  })
  return changed
}

const availableOf = (model: Model) => model.newSet.available + model.olds.reduce((sum, old) => sum + old.available, 0)
const totalOf = (model: Model) => model.newSet.replicas + model.olds.reduce((sum, old) => sum + old.replicas, 0)

describe('a rolling update (laws)', () => {
  const limits = fc
    .record({ maxSurge: fc.integer({ min: 0, max: 5 }), maxUnavailable: fc.integer({ min: 0, max: 5 }) })
    .filter(({ maxSurge, maxUnavailable }) => maxSurge + maxUnavailable > 0)
  const schedule = fc.array(fc.boolean(), { minLength: 400, maxLength: 400 })

  it('keeps replicas - maxUnavailable available, never has more than replicas + maxSurge, and ends', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 20 }), limits, schedule, (wanted, asked, becomesReady) => {
        const bounds = resolveLimits(asked.maxSurge, asked.maxUnavailable, wanted)
        const model: Model = { newSet: { replicas: 0, available: 0 }, olds: [{ replicas: wanted, available: wanted }] }
        for (const ready of becomesReady) {
          look(model, wanted, bounds)
          expect(availableOf(model)).toBeGreaterThanOrEqual(wanted - bounds.maxUnavailable)
          expect(totalOf(model)).toBeLessThanOrEqual(wanted + bounds.maxSurge)
          if (ready && model.newSet.available < model.newSet.replicas) model.newSet.available += 1
        }
        for (let step = 0; step < 200; step += 1) {
          look(model, wanted, bounds)
          model.newSet.available = model.newSet.replicas
        }
        expect(model.newSet.replicas).toBe(wanted)
        expect(totalOf(model)).toBe(wanted)
      }),
      { seed: 3, numRuns: 200 },
    )
  })

  it('comes to an end from any number of old sets, with any of their Pods broken', () => {
    const old = fc.record({ replicas: fc.integer({ min: 0, max: 9 }), broken: fc.integer({ min: 0, max: 9 }) })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 9 }), limits, fc.array(old, { maxLength: 4 }), (wanted, asked, sets) => {
        const bounds = resolveLimits(asked.maxSurge, asked.maxUnavailable, wanted)
        const olds = sets.map(({ replicas, broken }) => ({ replicas, available: Math.max(0, replicas - broken) }))
        const model: Model = { newSet: { replicas: 0, available: 0 }, olds }
        for (let step = 0; step < 300; step += 1) {
          look(model, wanted, bounds)
          model.newSet.available = model.newSet.replicas
        }
        expect(totalOf(model)).toBe(wanted)
        expect(model.newSet.replicas).toBe(wanted)
      }),
      { seed: 3, numRuns: 200 },
    )
  })

  it('scaled in its midst adds up to the new number and the surge', () => {
    const sets = fc.array(fc.integer({ min: 1, max: 20 }), { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 5 }), sets, (wanted, surge, replicas) => {
        const total = replicas.reduce((sum, each) => sum + each, 0)
        const sorted = [...replicas].sort((a, b) => b - a).map((each) => ({ replicas: each, maxReplicas: total }))
        const next = proportionalReplicas(wanted, surge, sorted)
        expect(next.every((each) => each >= 0)).toBe(true)
        expect(next.reduce((sum, each) => sum + each, 0)).toBe(wanted + surge)
      }),
      { seed: 3, numRuns: 200 },
    )
  })
})
