import type { DoctorExitCode } from '@proa/doctor'
import { ConnectionError, type Timing } from '@proa/kube-client'
import { describe, expect, it } from 'vitest'
import type { Diagnosis } from '../commands/doctor-run.ts'
import { untilNoError } from './wait.ts'

/** Time that passes only while it is slept. */
function clock(): Timing & { readonly slept: number[] } {
  let now = 0
  const slept: number[] = []
  return {
    slept,
    now: () => now,
    random: () => 0,
    async sleep(milliseconds) {
      slept.push(milliseconds)
      now += milliseconds
    },
  }
}

const unreachable = new ConnectionError('nobody answers')

/** Gives these exit codes one after the other, the last one again and again; undefined cannot be reached. */
function looks(...codes: readonly (DoctorExitCode | undefined)[]) {
  let count = 0
  return {
    get count() {
      return count
    },
    async diagnose(): Promise<Diagnosis> {
      const exitCode = codes[Math.min(count, codes.length - 1)]
      count += 1
      if (exitCode === undefined) throw unreachable
      return { report: { exitCode } } as unknown as Diagnosis
    },
  }
}

describe('--wait', () => {
  const never = new AbortController().signal

  it('looks again until there is no error', async () => {
    const cluster = looks(2, undefined, 3, 1)
    const timing = clock()
    expect((await untilNoError(cluster.diagnose, 60, never, timing)).report.exitCode).toBe(1)
    expect({ looks: cluster.count, slept: timing.slept }).toEqual({ looks: 4, slept: [2000, 2000, 2000] })
  })

  it('gives the last look when the time is over, and never sleeps longer', async () => {
    const timing = clock()
    expect((await untilNoError(looks(2).diagnose, 5, never, timing)).report.exitCode).toBe(2)
    expect(timing.slept).toEqual([2000, 2000, 1000])
    await expect(untilNoError(looks(undefined).diagnose, 5, never, clock())).rejects.toBe(unreachable)
  })

  it('looks once when there is no time, or when it is interrupted', async () => {
    const once = looks(2)
    await untilNoError(once.diagnose, 0, never, clock())
    const stopped = looks(2)
    await untilNoError(stopped.diagnose, 60, AbortSignal.abort(), clock())
    expect([once.count, stopped.count]).toEqual([1, 1])
  })
})
