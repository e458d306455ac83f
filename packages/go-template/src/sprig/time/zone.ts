/** Time zones: UTC, fixed offsets, and what the JavaScript engine knows of the tz database. */

export interface Zone {
  readonly name: string
  /** What clocks show at that unix second: seconds east of UTC and the abbreviation. */
  at(unixSecond: number): { readonly offset: number; readonly abbreviation: string }
}

export const utc: Zone = fixedZone('UTC', 0)

export function fixedZone(abbreviation: string, offset: number): Zone {
  return { name: abbreviation, at: () => ({ offset, abbreviation }) }
}

// Making a formatter costs far more than using it. The bound is for templates that ask for made-up names.
const cacheLimit = 64
const cache = new Map<string, Zone | undefined>()

/**
 * A zone of the tz database, or undefined if there is none of that name. Abbreviations are those of the engine's
 * English locale; where it has none (`CET`), the offset stands in for it (`+01`).
 */
export function namedZone(name: string): Zone | undefined {
  if (name === '' || name === 'UTC') return utc
  if (!cache.has(name)) {
    if (cache.size >= cacheLimit) cache.clear()
    cache.set(name, loadZone(name))
  }
  return cache.get(name)
}

function loadZone(name: string): Zone | undefined {
  let format: Intl.DateTimeFormat
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
      timeZoneName: 'short',
    })
  } catch {
    return undefined
  }
  return { name, at: (unixSecond) => readZone(format, unixSecond) }
}

// The engine's dates end 100 million days from 1970.
const lastSecond = 8_640_000_000_000

function readZone(format: Intl.DateTimeFormat, unixSecond: number): { offset: number; abbreviation: string } {
  const second = Math.max(-lastSecond, Math.min(lastSecond, unixSecond))
  const parts = new Map(format.formatToParts(second * 1000).map(({ type, value }) => [type, value]))
  const part = (type: Intl.DateTimeFormatPartTypes) => Number(parts.get(type) ?? 0)
  const year = parts.get('era') === 'BC' ? 1 - part('year') : part('year')
  const shown = new Date(0)
  shown.setUTCFullYear(year, part('month') - 1, part('day'))
  shown.setUTCHours(part('hour'), part('minute'), part('second'))
  const offset = shown.getTime() / 1000 - second
  const abbreviation = parts.get('timeZoneName') ?? ''
  return { offset, abbreviation: /^[A-Z]+$/.test(abbreviation) ? abbreviation : shortOffset(offset) }
}

function shortOffset(offset: number): string {
  const minutes = Math.floor(Math.abs(offset) / 60)
  const digits = String(Math.floor(minutes / 60)).padStart(2, '0')
  const rest = minutes % 60 === 0 ? '' : String(minutes % 60).padStart(2, '0')
  return `${offset < 0 ? '-' : '+'}${digits}${rest}`
}
