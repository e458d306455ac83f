/** sprig's defaults and flow control. */
import { type FunctionMap, goFunction, type Value } from '../value.ts'
import { isEmpty } from './emptiness.ts'

export const defaultFunctions: FunctionMap = {
  // The value comes last, so that it can be piped in: `.x | default "y"`.
  default: goFunction(['any'], (fallback: Value, given?: Value) => (isEmpty(given) ? fallback : given), {
    variadic: 'any',
  }),
  empty: goFunction(['any'], isEmpty),
  coalesce: goFunction([], (...values: Value[]) => values.find((value) => !isEmpty(value)) ?? null, {
    variadic: 'any',
  }),
  all: goFunction([], (...values: Value[]) => !values.some(isEmpty), { variadic: 'any' }),
  any: goFunction([], (...values: Value[]) => values.some((value) => !isEmpty(value)), { variadic: 'any' }),
  ternary: goFunction(['any', 'any', 'bool'], (yes: Value, no: Value, condition: boolean) => (condition ? yes : no)),
  fail: goFunction(['string'], (message: string) => {
    throw new Error(message)
  }),
}
