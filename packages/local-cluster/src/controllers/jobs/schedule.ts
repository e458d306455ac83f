/** Cron's five fields: minute, hour, day of month, month, day of week; and `@daily` and the like. */

export class ScheduleError extends Error {
  override readonly name = 'ScheduleError'
}

export interface Schedule {
  readonly minutes: ReadonlySet<number>
  readonly hours: ReadonlySet<number>
  readonly days: ReadonlySet<number>
  readonly months: ReadonlySet<number>
  readonly weekdays: ReadonlySet<number>
  /** `*` in both day fields: any day. In one of them: the other decides. In none: either. */
  readonly anyDay: boolean
  readonly anyWeekday: boolean
}

const MACROS: ReadonlyMap<string, string> = new Map([
  ['@yearly', '0 0 1 1 *'],
  ['@annually', '0 0 1 1 *'],
  ['@monthly', '0 0 1 * *'],
  ['@weekly', '0 0 * * 0'],
  ['@daily', '0 0 * * *'],
  ['@midnight', '0 0 * * *'],
  ['@hourly', '0 * * * *'],
])
const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']

/** @throws ScheduleError */
export function parseSchedule(text: string): Schedule {
  const fields = (MACROS.get(text.trim()) ?? text).trim().split(/\s+/)
  if (fields.length !== 5)
    throw new ScheduleError(`expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`)
  const [minute = '', hour = '', day = '', month = '', weekday = ''] = fields
  return {
    minutes: readField(minute, 0, 59, [], 0),
    hours: readField(hour, 0, 23, [], 0),
    days: readField(day, 1, 31, [], 0),
    months: readField(month, 1, 12, MONTHS, 1),
    weekdays: readField(weekday, 0, 6, WEEKDAYS, 0),
    anyDay: isStar(day),
    anyWeekday: isStar(weekday),
  }
}

const isStar = (field: string) => field.startsWith('*') || field === '?'

function readField(
  field: string,
  min: number,
  max: number,
  names: readonly string[],
  base: number,
): ReadonlySet<number> {
  const values = new Set<number>()
  const number = (text: string): number => {
    const named = names.indexOf(text.toLowerCase())
    const value = named >= 0 ? named + base : /^\d+$/.test(text) ? Number(text) : Number.NaN
    if (Number.isNaN(value)) throw new ScheduleError(`failed to parse int from ${text}`)
    if (value < min || value > max)
      throw new ScheduleError(`value ${value} in ${field} is not between ${min} and ${max}`)
    return value
  }
  for (const part of field.split(',')) {
    const [range = '', stepText, ...rest] = part.split('/')
    if (rest.length > 0) throw new ScheduleError(`too many slashes: ${part}`)
    const step = stepText === undefined ? 1 : Number(stepText)
    if (!Number.isInteger(step) || step < 1)
      throw new ScheduleError(`step of range should be a positive number: ${part}`)
    const [low = '', high] = range.split('-')
    const [first, last] =
      range === '*' || range === '?'
        ? [min, max]
        : [number(low), high !== undefined ? number(high) : stepText === undefined ? number(low) : max]
    if (first > last) throw new ScheduleError(`beginning of range (${first}) beyond end of range (${last}): ${part}`)
    for (let value = first; value <= last; value += step) values.add(value)
  }
  return values
}

interface WallTime {
  readonly minute: number
  readonly hour: number
  readonly day: number
  readonly month: number
  readonly weekday: number
}

/** Time on the wall of a zone; `UTC` when nothing is said. */
function wallClock(timeZone: string): (date: Date) => WallTime {
  if (timeZone === 'UTC') {
    return (date) => ({
      minute: date.getUTCMinutes(),
      hour: date.getUTCHours(),
      day: date.getUTCDate(),
      month: date.getUTCMonth() + 1,
      weekday: date.getUTCDay(),
    })
  }
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    minute: 'numeric',
    hour: 'numeric',
    day: 'numeric',
    month: 'numeric',
    weekday: 'short',
  })
  return (date) => {
    const parts = Object.fromEntries(format.formatToParts(date).map((part) => [part.type, part.value]))
    const number = (name: string) => Number(parts[name] ?? 0)
    const weekday = WEEKDAYS.indexOf((parts.weekday ?? '').toLowerCase())
    return { minute: number('minute'), hour: number('hour'), day: number('day'), month: number('month'), weekday }
  }
}

const MINUTE = 60_000
const HOUR = 60 * MINUTE
/** A schedule that fits no day of five years fits none (30 February). */
const LONGEST_SEARCH = 5 * 366 * 24 * HOUR

/** The first minute after `date` that fits; undefined when there is none. */
export function nextTime(schedule: Schedule, date: Date, timeZone: string): Date | undefined {
  const wall = wallClock(timeZone)
  const start = Math.floor(date.getTime() / MINUTE) * MINUTE + MINUTE
  for (let time = start; time < start + LONGEST_SEARCH; ) {
    const now = wall(new Date(time))
    if (!schedule.months.has(now.month) || !fitsDay(schedule, now)) {
      // To the next full hour at least: days need not be searched by the minute.
      time += HOUR - now.minute * MINUTE
    } else if (!schedule.hours.has(now.hour)) time += HOUR - now.minute * MINUTE
    else if (schedule.minutes.has(now.minute)) return new Date(time)
    else time += MINUTE
  }
  return undefined
}

function fitsDay(schedule: Schedule, now: WallTime): boolean {
  const [day, weekday] = [schedule.days.has(now.day), schedule.weekdays.has(now.weekday)]
  return schedule.anyDay || schedule.anyWeekday ? day && weekday : day || weekday
}
