/**
 * Bounds where Go would go on until the process dies. Templates come from users, and a few calls can ask for more than
 * any machine has: `repeat` of `repeat`, a list that contains one list a thousand times. Passing a bound is a
 * `TemplateError` of phase `limit`, which no sprig function swallows.
 */
import { limitError, TemplateError } from '../errors.ts'
import { defaultLimits } from '../limits.ts'

/** The longest text a function builds: the default limit of the engine for any text. */
const maximumCharacters: number = defaultLimits.outputLength
/** The most elements of a list that a function builds (1 Mi), and the most matches of a pattern. */
const maximumElements = 1024 * 1024
/** The most values one call compares, copies or encodes (32 Mi), shared ones counted each time they are met. */
const maximumVisits = 32 * 1024 * 1024
/** How deep one call follows lists and maps. Only data that contains itself is deeper. */
export const maximumDepth = 1000

export function checkCharacters(length: number): void {
  if (length > maximumCharacters) throw limitError(`text would be longer than ${maximumCharacters} characters`)
}

export function checkElements(length: number | bigint): void {
  if (length > maximumElements) throw limitError(`list would have more than ${maximumElements} elements`)
}

/** What one call has used up of its visits. */
export interface Work {
  visits: number
}

export function newWork(): Work {
  return { visits: 0 }
}

/** As {@link visit}, for calls that make a new value for each one they come to. */
export function visitToCopy(work: Work, depth: number): void {
  visit(work, depth)
  if (work.visits > maximumElements) throw limitError(`copy would have more than ${maximumElements} values`)
}

/** Counts a value that a call has come to, at a depth of nesting. */
export function visit(work: Work, depth: number): void {
  if (++work.visits > maximumVisits) throw limitError(`more than ${maximumVisits} values to look at`)
  if (depth > maximumDepth) throw limitError(`data is nested more than ${maximumDepth} levels deep`)
}

/** For the functions that ignore errors: throws again what they may not ignore. */
export function rethrowLimit(error: unknown): void {
  if (error instanceof RangeError || (error instanceof TemplateError && error.phase === 'limit')) throw error
}

/** Joins texts whose total length is checked first. */
export function joinTexts(texts: readonly string[], separator: string): string {
  let length = separator.length * Math.max(texts.length - 1, 0)
  for (const text of texts) length += text.length
  checkCharacters(length)
  return texts.join(separator)
}

/** `strings.Repeat` */
export function repeatText(text: string, count: bigint): string {
  if (count < 0n) throw new Error('strings: negative Repeat count')
  if (text === '') return ''
  checkCharacters(Number(count) * text.length)
  return text.repeat(Number(count))
}
