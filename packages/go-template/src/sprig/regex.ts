/** sprig's regular expressions. For a bad pattern `regexMatch` says false, the others fail; the `must` ones all fail. */
import { canBackquote, goQuote } from '../format/quote.ts'
import { type FunctionMap, type GoFunction, goFunction, type ParameterType, type Value } from '../value.ts'
import { rethrowLimit } from './bounds.ts'
import { compilePattern, expandTemplate, findMatches, type Pattern, PatternError, replaceMatches } from './patterns.ts'
import { stringSlice } from './text-value.ts'

type Call = (pattern: Pattern, ...rest: never[]) => Value

const text: readonly ParameterType[] = ['string', 'string']
const textAndCount: readonly ParameterType[] = ['string', 'string', 'int']
const textAndReplacement: readonly ParameterType[] = ['string', 'string', 'string']

export const regexFunctions: FunctionMap = {
  ...pair('regexMatch', text, (pattern, subject: string) => pattern.compiled.matcher(subject).find()),
  regexMatch: goFunction(text, matchQuietly),
  ...pair('regexFind', text, find),
  ...pair('regexFindAll', textAndCount, findAll),
  ...pair('regexSplit', textAndCount, split),
  ...pair('regexReplaceAll', textAndReplacement, (pattern, subject: string, replacement: string) =>
    replaceMatches(pattern, subject, (match) => expandTemplate(pattern, replacement, subject, match)),
  ),
  ...pair('regexReplaceAllLiteral', textAndReplacement, (pattern, subject: string, replacement: string) =>
    replaceMatches(pattern, subject, () => replacement),
  ),
  regexQuoteMeta: goFunction(['string'], (literal: string) => literal.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&')),
}

/** The function and its `must` twin: the former panics with another text for a bad pattern. */
function pair(name: string, parameters: readonly ParameterType[], call: Call): Record<string, GoFunction> {
  const invoke = call as (pattern: Pattern, ...rest: Value[]) => Value
  return {
    [name]: goFunction(parameters, (source: string, ...rest: Value[]) => invoke(compileOrPanic(source), ...rest)),
    [`must${name.charAt(0).toUpperCase()}${name.slice(1)}`]: goFunction(
      parameters,
      (source: string, ...rest: Value[]) => invoke(compilePattern(source), ...rest),
    ),
  }
}

/** `regexp.MustCompile` */
function compileOrPanic(source: string): Pattern {
  try {
    return compilePattern(source)
  } catch (error) {
    if (!(error instanceof PatternError)) throw error
    const quoted = canBackquote(source) ? `\`${source}\`` : goQuote(source)
    throw new Error(`regexp: Compile(${quoted}): ${error.message}`)
  }
}

function matchQuietly(source: string, subject: string): boolean {
  try {
    return compilePattern(source).compiled.matcher(subject).find()
  } catch (error) {
    rethrowLimit(error)
    return false
  }
}

function find(pattern: Pattern, subject: string): string {
  const whole = findMatches(pattern, subject, 1n)[0]?.[0]
  return whole === undefined ? '' : subject.slice(whole.start, whole.end)
}

function findAll(pattern: Pattern, subject: string, limit: bigint): Value {
  const found = findMatches(pattern, subject, limit).map(([whole]) => subject.slice(whole?.start, whole?.end))
  return stringSlice(found.length === 0 ? null : found)
}

function split(pattern: Pattern, subject: string, limit: bigint): Value {
  if (limit === 0n) return stringSlice(null)
  if (pattern.source !== '' && subject === '') return stringSlice([''])
  const parts: string[] = []
  let partStart = 0
  let lastMatchStart = 0
  for (const [whole = { start: 0, end: 0 }] of findMatches(pattern, subject, limit)) {
    if (limit > 0n && BigInt(parts.length) >= limit - 1n) break
    lastMatchStart = whole.start
    // An empty match at the very start divides nothing.
    if (whole.end !== 0) parts.push(subject.slice(partStart, whole.start))
    partStart = whole.end
  }
  if (lastMatchStart !== subject.length) parts.push(subject.slice(partStart))
  return stringSlice(parts)
}
