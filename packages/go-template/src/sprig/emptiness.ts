import { isTruthy } from '../truth.ts'
import type { Value } from '../value.ts'

/**
 * sprig's `empty`, which `default`, `coalesce`, `all`, `any`, `compact` and the merges ask. sprig has its own copy of
 * text/template's rule; for the values that exist here the two agree.
 */
export function isEmpty(value: Value): boolean {
  return !isTruthy(value)
}
