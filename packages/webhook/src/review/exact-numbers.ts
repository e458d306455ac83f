/**
 * Kubernetes' integers have 64 bits, those of JavaScript 53. What the patch does not touch stays as it was sent; but where a patch
 * carries a number of the user's along, it has to be the very number.
 */
import type { Json } from '@proa/kube'

/** Digits enough to lose some. Also matches inside texts, which costs time and nothing else. */
const LONG_INTEGER = /[[:,]\s*-?\d{16}/

/** The parts of the language that the typings of ES2024 do not have yet. */
const json = JSON as unknown as {
  parse(text: string, reviver: (key: string, value: Json, context: { readonly source?: string }) => Json): Json
  rawJSON(text: string): unknown
}

/** Integers as they were written, by what became of them; "" where several became the same. */
export type ExactNumbers = ReadonlyMap<number, string>

export interface ParsedJson {
  readonly value: Json
  /** Undefined when no number lost anything, which is nearly always. */
  readonly exact: ExactNumbers | undefined
}

/** @throws SyntaxError as JSON.parse does; RangeError where the text is nested deeper than the stack */
export function parseExactly(text: string): ParsedJson {
  if (!LONG_INTEGER.test(text)) return { value: JSON.parse(text), exact: undefined }
  const exact = new Map<number, string>()
  const value = json.parse(text, (_key, found, { source }) => {
    if (typeof found === 'number' && source !== undefined && !Number.isSafeInteger(found)) {
      const known = exact.get(found)
      exact.set(found, known === undefined || known === source ? source : '')
    }
    return found
  })
  return { value, exact: exact.size === 0 ? undefined : exact }
}

/**
 * The JSON of what was made of a parsed text, its integers as they were written. Undefined when the text had several integers that
 * can no longer be told apart, and one of them is in it.
 */
export function stringifyExactly(value: unknown, exact: ExactNumbers | undefined): string | undefined {
  if (exact === undefined) return JSON.stringify(value)
  let isLost = false
  const text = JSON.stringify(value, (_key, item) => {
    const source = typeof item === 'number' ? exact.get(item) : undefined
    if (source === undefined) return item
    isLost ||= source === ''
    return source === '' ? item : json.rawJSON(source)
  })
  return isLost ? undefined : text
}
