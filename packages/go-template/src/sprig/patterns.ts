/** Go's `regexp` on top of re2js: matching in linear time, Go's syntax, Go's way to walk through all matches. */
import { RE2JS } from 're2js'
import { checkCharacters, checkElements } from './bounds.ts'

export interface Pattern {
  readonly source: string
  readonly compiled: RE2JS
}

/** Start and end of each group in UTF-16 units, group 0 being the match; -1 for a group that took no part. */
export type Match = readonly { readonly start: number; readonly end: number }[]

/** Thrown with Go's text: ``error parsing regexp: missing closing ]: `[` ``. */
export class PatternError extends Error {
  override readonly name = 'PatternError'
}

// Templates use few patterns again and again. A render of untrusted templates must not fill the memory, hence the bound.
const cacheLimit = 256
const cache = new Map<string, Pattern>()

export function compilePattern(source: string): Pattern {
  const known = cache.get(source)
  if (known !== undefined) return known
  const pattern = { source, compiled: compile(source) }
  if (cache.size >= cacheLimit) cache.clear()
  cache.set(source, pattern)
  return pattern
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source)
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error)
    // re2js leaves the offending part out where it is empty.
    throw new PatternError(text.includes(': `') ? text : `${text}: \`\``)
  }
}

/**
 * Successive matches, at most `limit` of them if it is not negative. An empty match right after another match does
 * not count; the search goes on one rune further.
 */
export function findMatches(pattern: Pattern, text: string, limit: bigint): Match[] {
  const matcher = pattern.compiled.matcher(text)
  const matches: Match[] = []
  let previousEnd = -1
  for (let at = 0; at <= text.length && (limit < 0n || BigInt(matches.length) < limit); ) {
    if (!matcher.find(at)) break
    const start = matcher.start()
    const end = matcher.end()
    if (end > start || start !== previousEnd) {
      matches.push(
        Array.from({ length: matcher.groupCount() + 1 }, (_, g) => ({ start: matcher.start(g), end: matcher.end(g) })),
      )
    }
    checkElements(matches.length)
    previousEnd = end
    at = end > at ? end : at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
  }
  return matches
}

/** Replaces every match by what `replacement` makes of it. */
export function replaceMatches(pattern: Pattern, text: string, replacement: (match: Match) => string): string {
  const parts: string[] = []
  let copied = 0
  let length = text.length
  for (const match of findMatches(pattern, text, -1n)) {
    const whole = match[0] ?? { start: 0, end: 0 }
    const replaced = replacement(match)
    length += replaced.length
    checkCharacters(length)
    parts.push(text.slice(copied, whole.start), replaced)
    copied = whole.end
  }
  return parts.join('') + text.slice(copied)
}

/** `regexp.Expand`: `$1`, `${1}`, `$name`, `${name}`, `$$`. A name reaches as far as it can, so `$1x` is the group `1x`. */
export function expandTemplate(pattern: Pattern, template: string, text: string, match: Match): string {
  const names = pattern.compiled.namedGroups()
  return template.replace(/\$(?:\$|([\p{L}\p{Nd}_]+)|\{([\p{L}\p{Nd}_]+)\})/gu, (_, bare?: string, braced?: string) => {
    const name = bare ?? braced
    if (name === undefined) return '$'
    // A number has no leading zero; what no group is called stands for nothing.
    const index = /^(0|[1-9][0-9]{0,7})$/.test(name)
      ? Number(name)
      : Object.hasOwn(names, name)
        ? names[name]
        : undefined
    const group = index === undefined ? undefined : match[index]
    return group === undefined || group.start < 0 ? '' : text.slice(group.start, group.end)
  })
}
