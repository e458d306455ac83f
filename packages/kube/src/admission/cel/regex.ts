import { RE2JS } from 're2js'
import { CelFunctionError } from './strings.ts'

/**
 * Regular expressions of CEL are RE2: linear time, so a hostile pattern cannot hang us, and a syntax that differs
 * from JavaScript's. Compiled ones are kept, since a condition runs for every object.
 */
const compiled = new Map<string, RE2JS>()
const MAX_COMPILED = 256

function compile(pattern: string): RE2JS {
  const known = compiled.get(pattern)
  if (known !== undefined) return known
  const fresh = tryCompile(pattern)
  if (compiled.size >= MAX_COMPILED) compiled.clear()
  compiled.set(pattern, fresh)
  return fresh
}

function tryCompile(pattern: string): RE2JS {
  try {
    return RE2JS.compile(pattern)
  } catch (error) {
    throw new CelFunctionError(error instanceof Error ? error.message : `error parsing regexp: ${pattern}`)
  }
}

/** Whether the pattern matches anywhere in the text. */
export function matches(text: string, pattern: string): boolean {
  return compile(pattern).matcher(text).find()
}

/** The first match, or `''`. */
export function find(text: string, pattern: string): string {
  const matcher = compile(pattern).matcher(text)
  return matcher.find() ? (matcher.group() ?? '') : ''
}

/** All matches that do not overlap, at most `limit` of them when it is not negative. */
export function findAll(text: string, pattern: string, limit = -1n): string[] {
  const matcher = compile(pattern).matcher(text)
  const results: string[] = []
  let previousEnd = -1
  while ((limit < 0n || results.length < limit) && matcher.find()) {
    // Go leaves out an empty match right behind another match.
    const emptyBehindMatch = matcher.end() === matcher.start() && matcher.start() === previousEnd
    previousEnd = matcher.end()
    if (!emptyBehindMatch) results.push(matcher.group() ?? '')
  }
  return results
}
