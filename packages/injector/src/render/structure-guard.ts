import { isObject, type Json } from '@proa/kube'

/** What can end a scalar or begin something new in YAML. */
const STRUCTURAL = /[\r\n\t"'\\#{}[\]&*!|>%@`]|:(?=\s|$)|,\s|^[-?](?=\s)/

/**
 * The entries whose values could add structure to rendered YAML, that is, everything but harmless words.
 *
 * @param mentioned whether a template speaks of the key at all
 */
export function suspiciousEntries(
  entries: Readonly<Record<string, string>>,
  mentioned: (key: string, value: string) => boolean,
): readonly string[] {
  return Object.keys(entries).filter((key) => {
    const value = entries[key]
    return typeof value === 'string' && STRUCTURAL.test(value) && mentioned(key, value)
  })
}

/** Private-use characters: letters to YAML, and in nobody's template. */
const MARKS = ['\uE000', '\uE001'] as const

/**
 * The value with everything structural replaced, so that it is one scalar wherever it is put; words, commas and slashes stay,
 * so that a template takes the same ways with it.
 *
 * @param round 0 or 1: two different replacements show whether something depends on the value
 */
export function harmless(value: string, round: 0 | 1): string {
  const mark = MARKS[round]
  return value
    .replace(/[\r\n\t"'\\#{}[\]&*!|>%@`:]/g, mark)
    .replace(/, /g, `,${mark}`)
    .replace(/^[-?] /, `${mark}${mark}`)
}

/**
 * A message with its suspicious strings and keys made harmless, but for what the mesh says too: its operator is trusted.
 *
 * @returns the message itself when there is nothing suspicious in it
 */
export function harmlessMessage(message: Json, trusted: Json | undefined, round: 0 | 1): Json {
  if (typeof message === 'string') {
    return message === trusted || !STRUCTURAL.test(message) ? message : harmless(message, round)
  }
  if (Array.isArray(message)) {
    const items = message.map((item: Json, index) =>
      harmlessMessage(item, Array.isArray(trusted) ? (trusted[index] as Json | undefined) : undefined, round),
    )
    return items.every((item, index) => item === message[index]) ? message : items
  }
  if (!isObject(message)) return message
  let changed = false
  const entries = Object.entries(message).map(([key, value]): [string, Json] => {
    const below = isObject(trusted) && Object.hasOwn(trusted, key) ? trusted[key] : undefined
    const name = below === undefined && STRUCTURAL.test(key) ? harmless(key, round) : key
    const tamed = harmlessMessage(value, below, round)
    changed ||= name !== key || tamed !== value
    return [name, tamed]
  })
  return changed ? Object.fromEntries(entries) : message
}

/**
 * Whether a document was changed by values beyond the scalars that they stand in.
 *
 * @param real     what the real values render to
 * @param rendered what the harmless values of each round render to
 */
export function addsStructure(real: Json, rendered: (round: 0 | 1) => Json): boolean {
  let second: Json | undefined
  const secondRound = (): Json => {
    second ??= rendered(1)
    return second
  }
  return differs(real, rendered(0), secondRound, [])
}

function differs(real: Json, first: Json, second: () => Json, path: readonly (string | number)[]): boolean {
  if (Array.isArray(real) || Array.isArray(first)) {
    if (!Array.isArray(real) || !Array.isArray(first) || real.length !== first.length) return true
    return real.some((item: Json, index) => differs(item, first[index] as Json, second, [...path, index]))
  }
  if (isObject(real) || isObject(first)) {
    if (!isObject(real) || !isObject(first)) return true
    const keys = Object.keys(real)
    if (keys.length !== Object.keys(first).length) return true
    return keys.some(
      (key) => !Object.hasOwn(first, key) || differs(real[key] ?? null, first[key] ?? null, second, [...path, key]),
    )
  }
  if (real === first || String(first).includes(MARKS[0])) return false
  // A scalar that hides the mark (a checksum, say) changes with it; one that does not was replaced by the value.
  return at(second(), path) === first
}

function at(document: Json, path: readonly (string | number)[]): Json | undefined {
  let value: Json | undefined = document
  for (const step of path) {
    if (Array.isArray(value) && typeof step === 'number') value = value[step] as Json | undefined
    else if (isObject(value) && typeof step === 'string') value = Object.hasOwn(value, step) ? value[step] : undefined
    else return undefined
  }
  return value
}
