import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { nextTime, parseSchedule, ScheduleError } from './schedule.ts'

const next = (schedule: string, from: string, zone = 'UTC') =>
  nextTime(parseSchedule(schedule), new Date(from), zone)?.toISOString()

describe('the schedule of a CronJob', () => {
  it.each([
    ['* * * * *', '2026-01-01T00:00:30Z', '2026-01-01T00:01:00.000Z'],
    ['*/15 * * * *', '2026-01-01T00:46:00Z', '2026-01-01T01:00:00.000Z'],
    ['5/20 * * * *', '2026-01-01T00:06:00Z', '2026-01-01T00:25:00.000Z'],
    ['0 9-17/4 * * mon-fri', '2026-01-02T18:00:00Z', '2026-01-05T09:00:00.000Z'],
    ['30 2 29 feb *', '2026-01-01T00:00:00Z', '2028-02-29T02:30:00.000Z'],
    ['@monthly', '2026-01-31T00:00:00Z', '2026-02-01T00:00:00.000Z'],
    ['0 0 13 * 5', '2026-01-01T00:00:00Z', '2026-01-02T00:00:00.000Z'],
    ['0 0 13 * *', '2026-01-01T00:00:00Z', '2026-01-13T00:00:00.000Z'],
  ])('%s after %s is %s', (schedule, from, expected) => {
    expect(next(schedule, from)).toBe(expected)
  })

  it('goes by the wall clock of a time zone', () => {
    expect(next('0 9 * * *', '2026-07-01T00:00:00Z', 'Europe/Berlin')).toBe('2026-07-01T07:00:00.000Z')
    expect(next('0 9 * * *', '2026-07-01T00:00:00Z', 'Asia/Kolkata')).toBe('2026-07-01T03:30:00.000Z')
  })

  it.each(['constructor', '__proto__', '* * * *', '61 * * * *'])('%s is none', (text) => {
    expect(() => parseSchedule(text)).toThrow(ScheduleError)
  })

  it('has no next time when no day fits', () => {
    expect(next('0 0 30 2 *', '2026-01-01T00:00:00Z')).toBeUndefined()
  })

  it.each(['', '* * * *', '60 * * * *', 'x * * * *', '*/0 * * * *', '5-1 * * * *'])('%j is refused', (text) => {
    expect(() => parseSchedule(text)).toThrow(ScheduleError)
  })

  it('finds the first fitting minute and passes over none (law)', () => {
    const field = (min: number, max: number) => fc.oneof(fc.constant('*'), fc.integer({ min, max }).map(String))
    const from = fc
      .integer({ min: 0, max: 2 * 24 * 60 })
      .map((minutes) => new Date(Date.UTC(2026, 0, 1) + minutes * 60_000))
    fc.assert(
      fc.property(field(0, 59), field(0, 23), from, (minute, hour, start) => {
        const found = nextTime(parseSchedule(`${minute} ${hour} * * *`), start, 'UTC')
        let expected = start.getTime() + 60_000
        const fits = (time: Date) =>
          (minute === '*' || time.getUTCMinutes() === Number(minute)) &&
          (hour === '*' || time.getUTCHours() === Number(hour))
        while (!fits(new Date(expected))) expected += 60_000
        expect(found?.getTime()).toBe(expected)
      }),
      { seed: 3, numRuns: 100 },
    )
  })
})
