import { InvalidArgumentError } from 'commander'

const UNITS: Readonly<Record<string, number>> = { '': 1, s: 1, m: 60, h: 3600 }
/** A day: nobody waits longer, and timers of Node.js hold 24 of them. */
const LONGEST_WAIT = 24 * 3600

/** `90`, `90s`, `5m` in seconds. */
export function duration(text: string): number {
  const match = /^(\d{1,6})([smh]?)$/.exec(text)
  if (match === null) throw new InvalidArgumentError('Write it as 90s or 5m.')
  const wanted = Number(match[1]) * (UNITS[match[2] ?? ''] ?? 1)
  if (wanted > LONGEST_WAIT) throw new InvalidArgumentError('24h is the longest.')
  return wanted
}
