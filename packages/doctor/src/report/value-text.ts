import type { Json } from '@proa/kube'

/** SHA-1 and longer, with or without colons and the name of the hash: only whole ones can be compared. */
const FINGERPRINT = /^(?:sha-?\d+:)?(?:[\da-f]{40,}|(?:[\da-f]{2}:){19,}[\da-f]{2})$/i

/** A value as JSON, so that blanks and types are seen. Fingerprints stand without quotes, and are never cut. */
export function valueText(value: Json, longest: number): string {
  if (typeof value === 'string' && FINGERPRINT.test(value)) return value
  return cutMiddle(JSON.stringify(value), longest)
}

/** Both ends of values differ more often than their middle. */
export function cutMiddle(text: string, longest: number): string {
  const characters = [...text]
  if (characters.length <= longest) return text
  const rest = Math.max(2, longest - 1)
  const tail = Math.floor(rest / 3)
  return `${characters.slice(0, rest - tail).join('')}…${characters.slice(-tail).join('')}`
}

/** The ends of a text of several lines: a log, a PEM file. */
export function cutLines(text: string, most: number): readonly string[] {
  const lines = text.replace(/\n$/, '').split('\n')
  if (lines.length <= most) return lines
  const head = Math.floor((most - 1) / 2)
  return [...lines.slice(0, head), `… (${lines.length - most + 1})`, ...lines.slice(-(most - 1 - head))]
}
