import { goQuote } from '@proa/go-template'
import type { JsonPath } from '@proa/kube'
import { type MeshConfigError, readError } from './error.ts'

/**
 * Durations: Go's text (`1m30s`) is what people write, protobuf's canonical JSON (`90s`, `0.500s`) is what
 * messages hold here, nanoseconds as bigint is what is computed with.
 */

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['µs', 1_000n],
  ['μs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
])
const MAX = (1n << 63n) - 1n
export const SECOND = 1_000_000_000n

/** Reads as Go's `time.ParseDuration`; throws {@link MeshConfigError} with Go's text. */
export function parseGoDuration(text: string, path: JsonPath = [], prefix = ''): bigint {
  const fail = (what: string): MeshConfigError => readError(`${prefix}time: ${what} ${goQuote(text)}`, path)
  const negative = text.startsWith('-')
  let rest = /^[+-]/.test(text) ? text.slice(1) : text
  if (rest === '0') return 0n
  if (rest === '') throw fail('invalid duration')
  let total = 0n
  while (rest !== '') {
    const number = /^(\d*)(?:\.(\d*))?/.exec(rest)
    const [matched = '', whole = '', fraction = ''] = number ?? []
    if (whole === '' && fraction === '') throw fail('invalid duration')
    rest = rest.slice(matched.length)
    const unit = /^[^.\d]*/.exec(rest)?.[0] ?? ''
    if (unit === '') throw fail('missing unit in duration')
    const scale = UNITS.get(unit)
    if (scale === undefined) throw fail(`unknown unit ${goQuote(unit)} in duration`)
    rest = rest.slice(unit.length)
    const digits = fraction.slice(0, 18)
    total += BigInt(whole || '0') * scale + (BigInt(digits || '0') * scale) / 10n ** BigInt(digits.length)
    if (total > MAX + (negative ? 1n : 0n)) throw fail('invalid duration')
  }
  return negative ? -total : total
}

/** Protobuf's canonical text: seconds with 0, 3, 6 or 9 digits. */
export function canonicalDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : ''
  const magnitude = nanoseconds < 0n ? -nanoseconds : nanoseconds
  const text = `${sign}${magnitude / SECOND}.${String(magnitude % SECOND).padStart(9, '0')}`
  return `${text
    .replace(/000$/, '')
    .replace(/000$/, '')
    .replace(/\.000$/, '')}s`
}

/** The nanoseconds of a canonical duration. */
export function durationNanoseconds(canonical: string): bigint {
  return parseGoDuration(canonical)
}

/** Go's `time.Duration.String()`: `1m30s`, `500ms`, `0s`. */
export function goDurationText(nanoseconds: bigint): string {
  if (nanoseconds === 0n) return '0s'
  const sign = nanoseconds < 0n ? '-' : ''
  const n = nanoseconds < 0n ? -nanoseconds : nanoseconds
  if (n < 1_000n) return `${sign}${n}ns`
  if (n < 1_000_000n) return `${sign}${decimal(n, 1_000n)}µs`
  if (n < SECOND) return `${sign}${decimal(n, 1_000_000n)}ms`
  const seconds = n / SECOND
  const tail = `${decimal(n % (60n * SECOND), SECOND)}s`
  if (seconds < 60n) return `${sign}${tail}`
  const minutes = seconds / 60n
  return minutes < 60n ? `${sign}${minutes}m${tail}` : `${sign}${minutes / 60n}h${minutes % 60n}m${tail}`
}

function decimal(n: bigint, unit: bigint): string {
  const fraction = String(n % unit)
    .padStart(String(unit).length - 1, '0')
    .replace(/0+$/, '')
  return fraction === '' ? `${n / unit}` : `${n / unit}.${fraction}`
}
