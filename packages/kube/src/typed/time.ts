import { quoteGo } from '../go-text.ts'
import { Mismatch } from './mismatch.ts'

const LAYOUT = '2006-01-02T15:04:05Z07:00'
const MICRO_LAYOUT = '2006-01-02T15:04:05.000000Z07:00'

/** The parts of RFC 3339 in order: how Go's layout names each, and what it looks like. */
const PARTS: readonly { readonly layout: string; readonly pattern: RegExp }[] = [
  { layout: '2006', pattern: /^\d{4}/ },
  { layout: '-', pattern: /^-/ },
  { layout: '01', pattern: /^\d\d/ },
  { layout: '-', pattern: /^-/ },
  { layout: '02', pattern: /^\d\d/ },
  { layout: 'T', pattern: /^T/ },
  { layout: '15', pattern: /^\d\d?/ },
  { layout: ':', pattern: /^:/ },
  { layout: '04', pattern: /^\d\d/ },
  { layout: ':', pattern: /^:/ },
  { layout: '05', pattern: /^\d\d(?:[.,]\d+)?/ },
  { layout: 'Z07:00', pattern: /^(?:Z|[+-]\d\d:\d\d)/ },
]

/**
 * Reads a `metav1.Time` and prints it as Go does: UTC, seconds (microseconds
 * for a `MicroTime`).
 */
export function readTime(text: string, micro: boolean): string {
  const layout = micro ? MICRO_LAYOUT : LAYOUT
  const fail = (reason: string): never => {
    throw new Mismatch(`parsing time ${quoteGo(text)} as "${layout}": ${reason}`)
  }
  const parts: string[] = []
  let rest = text
  for (const part of PARTS) {
    const found = part.pattern.exec(rest)?.[0]
    if (found === undefined) return fail(`cannot parse ${quoteGo(rest)} as "${part.layout}"`)
    parts.push(found)
    rest = rest.slice(found.length)
  }
  if (rest !== '') {
    throw new Mismatch(`parsing time ${quoteGo(text)}: extra text: ${quoteGo(rest)}`)
  }
  const problem = rangeProblem(parts)
  if (problem !== undefined) throw new Mismatch(`parsing time ${quoteGo(text)}: ${problem} out of range`)
  return printUtc(parts, micro)
}

function rangeProblem(parts: readonly string[]): string | undefined {
  const [year, , month, , day, , hour, , minute, , second] = parts.map((part) => Number.parseInt(part, 10))
  if (month === undefined || month < 1 || month > 12) return 'month'
  if (day === undefined || day < 1 || day > new Date(Date.UTC(2000 + ((year ?? 0) % 400), month, 0)).getUTCDate()) {
    return 'day'
  }
  if ((hour ?? 0) > 23) return 'hour'
  if ((minute ?? 0) > 59) return 'minute'
  return (second ?? 0) > 59 ? 'second' : undefined
}

function printUtc(parts: readonly string[], micro: boolean): string {
  const [year = 0, , month = 1, , day = 1, , hour = 0, , minute = 0, , second = 0] = parts.map((part) =>
    Number.parseInt(part, 10),
  )
  const zone = /^([+-])(\d\d):(\d\d)$/.exec(parts.at(-1) ?? '')
  const offset = zone === null ? 0 : (zone[1] === '-' ? -1 : 1) * (Number(zone[2]) * 60 + Number(zone[3]))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute - offset, second)
  const seconds = date.toISOString().slice(0, 19)
  const fraction = (parts.at(-2) ?? '').replace(/^\d\d[.,]?/, '')
  return micro ? `${seconds}.${fraction.slice(0, 6).padEnd(6, '0')}Z` : `${seconds}Z`
}
