import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ApiError } from '../api/status.ts'
import { createActivity } from './activity.ts'
import { manualClock } from './clock.ts'
import { createWorkQueue } from './work-queue.ts'

const START = '2026-01-01T00:00:00Z'

function queueOf(work: (key: string) => Promise<number | undefined>) {
  const clock = manualClock(START)
  const activity = createActivity()
  const failures: unknown[] = []
  const queue = createWorkQueue({ clock, activity, work, onFailure: (_key, error) => failures.push(error) })
  return { clock, activity, queue, failures }
}

describe('a work queue', () => {
  it('works on a key once, however often it was added before', async () => {
    const seen: string[] = []
    const { queue, activity } = queueOf(async (key) => void seen.push(key) as undefined)
    for (const key of ['a', 'a', 'b', 'a']) queue.add(key)
    await activity.quiet()
    expect(seen).toEqual(['a', 'b'])
  })

  it('works once more when a key is added while it is worked on, so that nothing is missed', async () => {
    let runs = 0
    const { queue, activity } = queueOf(async (key) => {
      runs += 1
      if (runs === 1) queue.add(key)
      return undefined
    })
    queue.add('a')
    await activity.quiet()
    expect(runs).toBe(2)
  })

  it('tries again after a failure, waiting longer each time', async () => {
    const times: number[] = []
    const { queue, activity, clock } = queueOf(async () => {
      times.push(clock.now().getTime() - Date.parse(START))
      throw new Error('no')
    })
    queue.add('a')
    for (let step = 0; step < 40; step += 1) {
      await activity.quiet()
      clock.advance(5)
    }
    await activity.quiet()
    expect(times).toEqual([0, 5, 15, 35, 75, 155])
  })

  it('tries a conflict again at once', async () => {
    let runs = 0
    const { queue, activity, failures } = queueOf(async () => {
      runs += 1
      if (runs < 4) throw new ApiError(409, 'Conflict', 'modified')
      return undefined
    })
    queue.add('a')
    await activity.quiet()
    expect(runs).toBe(4)
    expect(failures).toEqual([])
  })

  it('does not wait when it is told that what was wrong has been mended', async () => {
    let broken = true
    let runs = 0
    const { queue, activity } = queueOf(async () => {
      runs += 1
      if (broken) throw new Error('no')
      return undefined
    })
    queue.add('a')
    await activity.quiet()
    broken = false
    queue.retryNow()
    await activity.quiet()
    expect(runs).toBe(2)
  })

  it('looks again after the time that the work asks for', async () => {
    let runs = 0
    const { queue, activity, clock } = queueOf(async () => {
      runs += 1
      return runs === 1 ? 60_000 : undefined
    })
    queue.add('a')
    await activity.quiet()
    clock.advance(59_999)
    await activity.quiet()
    expect(runs).toBe(1)
    clock.advance(1)
    await activity.quiet()
    expect(runs).toBe(2)
  })

  it('starts nothing new once it is stopped, and waits for what runs', async () => {
    const gate = Promise.withResolvers<void>()
    const ended: string[] = []
    const { queue, activity } = queueOf(async (key) => {
      await gate.promise
      ended.push(key)
      return undefined
    })
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) queue.add(key)
    await Promise.resolve()
    const stopped = queue.stop()
    gate.resolve()
    await stopped
    expect(ended).toEqual(['a', 'b', 'c', 'd'])
    await activity.quiet()
  })

  it('never works on one key twice at a time, and sees every key after its last change (law)', async () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'), { maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(keys, keys, async (first, second) => {
        const state = new Map<string, number>()
        const seen = new Map<string, number>()
        const working = new Set<string>()
        const { queue, activity } = queueOf(async (key) => {
          expect(working.has(key)).toBe(false)
          working.add(key)
          const value = state.get(key) ?? 0
          await Promise.resolve()
          seen.set(key, value)
          working.delete(key)
          return undefined
        })
        const change = (key: string) => {
          state.set(key, (state.get(key) ?? 0) + 1)
          queue.add(key)
        }
        for (const key of first) change(key)
        await Promise.resolve()
        for (const key of second) change(key)
        await activity.quiet()
        expect(seen).toEqual(state)
      }),
      { seed: 3, numRuns: 100 },
    )
  })
})
