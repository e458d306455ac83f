/** Points in time and the calendar (proleptic Gregorian, as in Go's `time`). */
import { utc, type Zone } from './zone.ts'

export interface Moment {
  /** Nanoseconds since 1970 in UTC. */
  readonly nanoseconds: bigint
  readonly zone: Zone
}

export interface CivilTime {
  readonly year: number
  /** 1 to 12 */
  readonly month: number
  readonly day: number
  readonly hour: number
  readonly minute: number
  readonly second: number
  readonly nanosecond: number
  /** 0 is Sunday. */
  readonly weekday: number
  /** 1 to 366 */
  readonly yearDay: number
}

const nanosecondsPerSecond = 1_000_000_000n
const secondsPerDay = 86_400

/** Go's zero `time.Time`: 0001-01-01 00:00:00 UTC. */
export const zeroMoment: Moment = {
  nanoseconds: BigInt(daysFrom(1, 1, 1) * secondsPerDay) * nanosecondsPerSecond,
  zone: utc,
}

export function unixSeconds({ nanoseconds }: Moment): bigint {
  return (nanoseconds - remainder(nanoseconds)) / nanosecondsPerSecond
}

function remainder(nanoseconds: bigint): bigint {
  return ((nanoseconds % nanosecondsPerSecond) + nanosecondsPerSecond) % nanosecondsPerSecond
}

export function civilTime(moment: Moment): CivilTime {
  const unix = Number(unixSeconds(moment))
  const local = unix + moment.zone.at(unix).offset
  const days = Math.floor(local / secondsPerDay)
  const time = local - days * secondsPerDay
  const { year, month, day } = dateFrom(days)
  return {
    year,
    month,
    day,
    hour: Math.floor(time / 3600),
    minute: Math.floor(time / 60) % 60,
    second: time % 60,
    nanosecond: Number(remainder(moment.nanoseconds)),
    weekday: (((days + 4) % 7) + 7) % 7,
    yearDay: days - daysFrom(year, 1, 1) + 1,
  }
}

/** The moment a clock in that zone shows these seconds since 1970-01-01 local time. */
export function momentAt(localSeconds: number, nanosecond: number, zone: Zone): Moment {
  const guess = localSeconds - zone.at(localSeconds).offset
  const unix = localSeconds - zone.at(guess).offset
  return { nanoseconds: BigInt(unix) * nanosecondsPerSecond + BigInt(nanosecond), zone }
}

/**
 * Days since 1970-01-01. Years are counted from March, so that the leap day is the last of its year and the months
 * before it follow one formula. Month may be any integer.
 */
export function daysFrom(year: number, month: number, day: number): number {
  const months = year * 12 + (month - 1) - 2
  const marchYear = Math.floor(months / 12)
  const marchMonth = months - marchYear * 12
  const leapDays = Math.floor(marchYear / 4) - Math.floor(marchYear / 100) + Math.floor(marchYear / 400)
  return marchYear * 365 + leapDays + Math.floor((153 * marchMonth + 2) / 5) + (day - 1) - 719_468
}

function dateFrom(days: number): { year: number; month: number; day: number } {
  let year = 1970 + Math.floor(days / 365.2425)
  while (daysFrom(year, 1, 1) > days) year--
  while (daysFrom(year + 1, 1, 1) <= days) year++
  let month = 12
  while (daysFrom(year, month, 1) > days) month--
  return { year, month, day: days - daysFrom(year, month, 1) + 1 }
}

export function daysInMonth(year: number, month: number): number {
  return daysFrom(year, month + 1, 1) - daysFrom(year, month, 1)
}
