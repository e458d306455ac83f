/** Ages as kubectl writes them: two or three significant figures (`90s`, `2m5s`, `3h`, `2d4h`, `3y40d`). */
const SECOND = 1000
const [MINUTE, HOUR, DAY] = [60, 60 * 60, 24 * 60 * 60]
const YEAR = 365 * DAY

/** @param milliseconds less than two seconds of the future count as now: clocks differ */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.trunc(milliseconds / SECOND)
  if (seconds < -1) return '<invalid>'
  if (seconds < 0) return '0s'
  if (seconds < 2 * MINUTE) return `${seconds}s`
  if (seconds < 10 * MINUTE) return two(seconds, MINUTE, 'm', 1, 's')
  if (seconds < 3 * HOUR) return `${Math.floor(seconds / MINUTE)}m`
  if (seconds < 8 * HOUR) return two(seconds, HOUR, 'h', MINUTE, 'm')
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)}h`
  if (seconds < 8 * DAY) return two(seconds, DAY, 'd', HOUR, 'h')
  if (seconds < 2 * YEAR) return `${Math.floor(seconds / DAY)}d`
  if (seconds < 8 * YEAR) return two(seconds, YEAR, 'y', DAY, 'd')
  return `${Math.floor(seconds / YEAR)}y`
}

function two(seconds: number, unit: number, name: string, part: number, partName: string): string {
  const rest = Math.floor((seconds % unit) / part)
  return `${Math.floor(seconds / unit)}${name}${rest === 0 ? '' : `${rest}${partName}`}`
}

/** The time since a moment; `<unknown>` when there is none. */
export function timeSince(time: string, now: number): string {
  const moment = time === '' ? Number.NaN : Date.parse(time)
  return Number.isNaN(moment) ? '<unknown>' : humanDuration(now - moment)
}
