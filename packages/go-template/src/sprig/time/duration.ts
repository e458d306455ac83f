/** `time.Duration`: nanoseconds in a bigint. */
import { quoteForTime } from './quote.ts'

export const second = 1_000_000_000n
export const minute = 60n * second
export const hour = 60n * minute

const units: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: second,
  m: minute,
  h: hour,
}

const largest = 2n ** 63n - 1n

/** `time.ParseDuration`: `1h30m`, `-1.5s`, `0`. Throws Go's texts. */
export function parseDuration(text: string): bigint {
  const invalid = () => new Error(`time: invalid duration ${quoteForTime(text)}`)
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (body === '0') return 0n
  if (body === '') throw invalid()
  let total = 0n
  for (let rest = body; rest !== ''; ) {
    const [number = '', whole = '', fraction = ''] = /^([0-9]*)(?:\.([0-9]*))?/.exec(rest) ?? []
    if (whole === '' && fraction === '') throw invalid()
    const unit = /^[^.0-9]*/.exec(rest.slice(number.length))?.[0] ?? ''
    if (unit === '') throw new Error(`time: missing unit in duration ${quoteForTime(text)}`)
    if (!Object.hasOwn(units, unit)) {
      throw new Error(`time: unknown unit ${quoteForTime(unit)} in duration ${quoteForTime(text)}`)
    }
    if (whole.length > 30) throw invalid()
    total += amount(whole, fraction, units[unit] ?? 0n)
    if (total > largest + (sign === '-' ? 1n : 0n)) throw invalid()
    rest = rest.slice(number.length + unit.length)
  }
  return sign === '-' ? -total : total
}

function amount(whole: string, fraction: string, unit: bigint): bigint {
  // 18 digits are more than nanoseconds of an hour can tell apart.
  const digits = fraction.slice(0, 18)
  return BigInt(`0${whole}`) * unit + (BigInt(`0${digits}`) * unit) / 10n ** BigInt(digits.length)
}

/** `Duration.String()`: `1h0m5s`, `1.5s`, `300ms`. */
export function formatDuration(duration: bigint): string {
  if (duration === 0n) return '0s'
  const sign = duration < 0n ? '-' : ''
  const size = duration < 0n ? -duration : duration
  if (size < second) return sign + formatSmall(size)
  const hours = size / hour
  const minutes = (size / minute) % 60n
  const seconds = withFraction(size % minute, second)
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}s`
  return minutes > 0n ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`
}

function formatSmall(size: bigint): string {
  if (size < 1_000n) return `${size}ns`
  return size < 1_000_000n ? `${withFraction(size, 1_000n)}µs` : `${withFraction(size, 1_000_000n)}ms`
}

function withFraction(size: bigint, unit: bigint): string {
  const width = String(unit).length - 1
  const fraction = String(size % unit)
    .padStart(width, '0')
    .replace(/0+$/, '')
  return fraction === '' ? `${size / unit}` : `${size / unit}.${fraction}`
}

const day = 24n * hour
const scales: readonly (readonly [size: bigint, unit: string])[] = [
  [365n * day, 'y'],
  [30n * day, 'mo'],
  [day, 'd'],
  [hour, 'h'],
  [minute, 'm'],
  [second, 's'],
]

/** `durationRound`: whole numbers of the largest unit that is exceeded: `2h`, `3mo`. */
export function roundDuration(duration: bigint): string {
  const size = duration < 0n ? -duration : duration
  const scale = scales.find(([unit]) => size > unit)
  return scale === undefined ? '0s' : `${size / scale[0]}${scale[1]}`
}
