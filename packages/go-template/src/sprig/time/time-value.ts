/** `time.Time` for templates. */
import { type GoFunction, type GoStruct, goFunction, goInteger, goKind, isHostObject, type Value } from '../../value.ts'
import { formatTime } from './format-time.ts'
import { civilTime, daysFrom, type Moment, momentAt, unixSeconds, zeroMoment } from './moment.ts'
import { utc } from './zone.ts'

// What a struct stands for; templates cannot reach it.
const moments = new WeakMap<GoStruct, Moment>()

/** `Month`, `Weekday` and the methods that take or give durations are missing: the value model has no such types. */
export function timeValue(moment: Moment): GoStruct {
  const methods = timeMethods(moment)
  const struct: GoStruct = {
    [goKind]: 'struct',
    typeName: 'time.Time',
    pointer: false,
    fieldNames: () => [],
    field: () => undefined,
    hasField: () => false,
    method: (name) => (Object.hasOwn(methods, name) ? methods[name] : undefined),
    string: () => formatTime(moment, '2006-01-02 15:04:05.999999999 -0700 MST'),
    json: () => formatTime(moment, '2006-01-02T15:04:05.999999999Z07:00'),
  }
  moments.set(struct, moment)
  return struct
}

/** The moment of a `time.Time`; undefined for any other value. */
export function momentOf(value: Value): Moment | undefined {
  return isHostObject(value) && value[goKind] === 'struct' ? moments.get(value) : undefined
}

function timeMethods(moment: Moment): Readonly<Record<string, GoFunction>> {
  const get = (read: () => Value) => goFunction([], read)
  const field = (name: 'year' | 'day' | 'hour' | 'minute' | 'second' | 'nanosecond' | 'yearDay') =>
    get(() => BigInt(civilTime(moment)[name]))
  const unix = (unit: bigint) => get(() => goInteger('int64', BigInt.asIntN(64, moment.nanoseconds / unit)))
  const compare = (test: (other: bigint) => boolean) =>
    goFunction(['time.Time'], (other: Value) => test(momentOf(other)?.nanoseconds ?? 0n))
  return {
    Format: goFunction(['string'], (layout: string) => formatTime(moment, layout)),
    String: get(() => formatTime(moment, '2006-01-02 15:04:05.999999999 -0700 MST')),
    Year: field('year'),
    Day: field('day'),
    Hour: field('hour'),
    Minute: field('minute'),
    Second: field('second'),
    Nanosecond: field('nanosecond'),
    YearDay: field('yearDay'),
    Unix: get(() => goInteger('int64', unixSeconds(moment))),
    UnixMilli: unix(1_000_000n),
    UnixMicro: unix(1_000n),
    UnixNano: unix(1n),
    UTC: get(() => timeValue({ ...moment, zone: utc })),
    IsZero: get(() => moment.nanoseconds === zeroMoment.nanoseconds),
    Before: compare((other) => moment.nanoseconds < other),
    After: compare((other) => moment.nanoseconds > other),
    Equal: compare((other) => moment.nanoseconds === other),
    AddDate: goFunction(['int', 'int', 'int'], (years: bigint, months: bigint, days: bigint) =>
      timeValue(addDate(moment, Number(years), Number(months), Number(days))),
    ),
  }
}

// Years, months or days at once, and years at all: small enough that days and seconds stay exact in a number.
const mostUnits = 100_000_000

/** Counts are added to the fields, and what overflows them is carried: January 31 plus a month is March 2 or 3. */
function addDate(moment: Moment, years: number, months: number, days: number): Moment {
  const { year, month, day, hour, minute, second, nanosecond } = civilTime(moment)
  if ([year, years, months, days].some((count) => Math.abs(count) > mostUnits)) throw new Error('date out of range')
  const date = daysFrom(year + years, month + months, 1) + day - 1 + days
  return momentAt(date * 86_400 + hour * 3600 + minute * 60 + second, nanosecond, moment.zone)
}
