/** sprig's dates. All but `duration` and `durationRound` need a clock. */
import { type FunctionMap, type GoFunction, goFunction, goKind, isHostObject, type Value } from '../value.ts'
import { rethrowLimit } from './bounds.ts'
import type { SprigEnvironment } from './environment.ts'
import { parseInteger } from './parse-number.ts'
import { formatDuration, parseDuration, roundDuration, second } from './time/duration.ts'
import { formatTime } from './time/format-time.ts'
import { type Moment, unixSeconds, zeroMoment } from './time/moment.ts'
import { parseTime } from './time/parse-time.ts'
import { momentOf, timeValue } from './time/time-value.ts'
import { namedZone, utc, type Zone } from './time/zone.ts'

export const durationFunctions: FunctionMap = {
  duration: goFunction(['any'], (seconds: Value) => formatDuration(BigInt.asIntN(64, secondsFrom(seconds) * second))),
  durationRound: goFunction(['any'], (value: Value) => roundDuration(durationFrom(value) ?? 0n)),
}

export function dateFunctions(environment: SprigEnvironment): FunctionMap {
  const { now } = environment
  if (now === undefined) return {}
  const local = namedZone(environment.timeZone ?? 'UTC') ?? utc
  const current = (): Moment => ({ nanoseconds: BigInt(now().getTime()) * 1_000_000n, zone: local })
  const elapsed = (value: Value) => roundDuration(durationFrom(value) ?? sinceOrZero(value, current()))
  return {
    now: goFunction([], () => timeValue(current()), { pure: false }),
    ago: goFunction(['any'], (value: Value) => ago(momentFrom(value, current), current()), { pure: false }),
    durationRound: goFunction(['any'], elapsed, { pure: false }),
    unixEpoch: goFunction(['time.Time'], (value: Value) => String(unixSeconds(momentOf(value) ?? zeroMoment))),
    toDate: goFunction(['string', 'string'], (layout: string, text: string) =>
      timeValue(orElse(zeroMoment, () => parseTime(layout, text, local))),
    ),
    mustToDate: goFunction(['string', 'string'], (layout: string, text: string) =>
      timeValue(parseTime(layout, text, local)),
    ),
    ...formatters(current, local),
    ...modifiers(),
  }
}

/** These depend on the clock because what is no time means now. */
function formatters(current: () => Moment, local: Zone): FunctionMap {
  const impure = { pure: false }
  const format = (layout: string, value: Value, zone: Zone) =>
    formatTime({ ...momentFrom(value, current), zone }, layout)
  const zoneOf = (name: string) => (name === 'Local' ? local : (namedZone(name) ?? utc))
  const inZone = (layout: string, value: Value, zone: string) => format(layout, value, zoneOf(zone))
  const dateInZone = goFunction(['string', 'any', 'string'], inZone, impure)
  const htmlLayout = '2006-01-02'
  return {
    date: goFunction(['string', 'any'], (layout: string, value: Value) => format(layout, value, local), impure),
    dateInZone,
    date_in_zone: dateInZone,
    htmlDate: goFunction(['any'], (value: Value) => format(htmlLayout, value, local), impure),
    htmlDateInZone: goFunction(
      ['any', 'string'],
      (value: Value, zone: string) => inZone(htmlLayout, value, zone),
      impure,
    ),
  }
}

/** Under both spellings; a duration that cannot be read leaves the date as it is, or fails under `must`. */
function modifiers(): Record<string, GoFunction> {
  const modify = goFunction(['string', 'time.Time'], (duration: string, value: Value) =>
    orElse(value, () => moved(value, parseDuration(duration))),
  )
  const mustModify = goFunction(['string', 'time.Time'], (duration: string, value: Value) =>
    moved(value, parseDuration(duration)),
  )
  return { dateModify: modify, date_modify: modify, mustDateModify: mustModify, must_date_modify: mustModify }
}

function moved(value: Value, duration: bigint): Value {
  const moment = momentOf(value) ?? zeroMoment
  return timeValue({ ...moment, nanoseconds: moment.nanoseconds + duration })
}

function orElse<T>(fallback: T, compute: () => T): T {
  try {
    return compute()
  } catch (error) {
    rethrowLimit(error)
    return fallback
  }
}

/** Times, and seconds since 1970 as int, int32 or int64; anything else means now. */
function momentFrom(value: Value, current: () => Moment): Moment {
  const moment = momentOf(value)
  if (moment !== undefined) return moment
  const seconds = typeof value === 'bigint' ? value : sizedInteger(value, ['int64', 'int32'])
  return seconds === undefined ? current() : { nanoseconds: seconds * second, zone: utc }
}

function sizedInteger(value: Value, types: readonly string[]): bigint | undefined {
  if (!isHostObject(value) || value[goKind] !== 'integer' || !types.includes(value.type)) return undefined
  return value.value
}

/** To whole seconds, halves away from zero. */
function ago(moment: Moment, current: Moment): string {
  const elapsed = current.nanoseconds - moment.nanoseconds
  const size = elapsed < 0n ? -elapsed : elapsed
  const rounded = ((size + second / 2n) / second) * second
  return formatDuration(elapsed < 0n ? -rounded : rounded)
}

/** Only texts and int64 count; everything else is 0 seconds. */
function secondsFrom(value: Value): bigint {
  if (typeof value === 'string') return parseInteger(value, 10)?.value ?? 0n
  return sizedInteger(value, ['int64']) ?? 0n
}

/** undefined: not a duration, but perhaps a time. */
function durationFrom(value: Value): bigint | undefined {
  if (typeof value === 'string') return orElse(0n, () => parseDuration(value))
  return sizedInteger(value, ['int64'])
}

function sinceOrZero(value: Value, current: Moment): bigint {
  const moment = momentOf(value)
  return moment === undefined ? 0n : current.nanoseconds - moment.nanoseconds
}
