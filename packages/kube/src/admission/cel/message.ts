import { TypeError as CelTypeError, EvaluationError, ParseError } from '@marcbachmann/cel-js'
import { OWN_PREFIX } from './environment.ts'

/** One line that says what is wrong with an expression; words as in Kubernetes where they are known. */
export function messageOf(error: unknown): string {
  const summary =
    error instanceof EvaluationError || error instanceof ParseError || error instanceof CelTypeError
      ? error.summary
      : error instanceof Error
        ? error.message
        : String(error)
  return summary
    .replace(/^No such key: index out of bounds, index (-?\d+).*$/s, 'index out of bounds: $1')
    .replace(/^No such key: /, 'no such key: ')
    .replaceAll(OWN_PREFIX, '')
}
