import { goSprint, goSprintln } from '../format/sprint.ts'
import { goSprintf } from '../format/sprintf.ts'
import { isTruthy } from '../truth.ts'
import { type GoFunction, goFunction, type ParameterType, type Value } from '../value.ts'
import { callFunction } from './call.ts'
import { equalsAny, lessOrEqual, lessThan } from './compare.ts'
import { index, length, slice } from './elements.ts'
import { escapeHtml, escapeJs, escapeQuery } from './escape.ts'

type Values = readonly Value[]

const any: readonly ParameterType[] = ['any']
const two: readonly ParameterType[] = ['any', 'any']
const variadic = { variadic: 'any' } as const

/** The first operand that decides, or the last: `and` and `or` of operands that are all evaluated already. */
function deciding(operands: Values, stopAt: boolean): Value {
  return operands.find((value) => isTruthy(value) === stopAt) ?? operands.at(-1)
}

/** These look at their operands as they are: no value is not nil to them. */
const reflective = {
  and: goFunction(any, (...values: Value[]) => deciding(values, false), variadic),
  or: goFunction(any, (...values: Value[]) => deciding(values, true), variadic),
  not: goFunction(any, (value: Value) => !isTruthy(value)),
  len: goFunction(any, length),
  index: goFunction(any, (item: Value, ...indexes: Value[]) => index(item, indexes), variadic),
  slice: goFunction(any, (item: Value, ...indexes: Value[]) => slice(item, indexes), variadic),
  call: goFunction(any, (callee: Value, ...args: Value[]) => callFunction('function', callee, args), variadic),
  eq: goFunction(any, (first: Value, ...others: Value[]) => equalsAny(first, others), variadic),
  ne: goFunction(two, (a: Value, b: Value) => !equalsAny(a, [b])),
  lt: goFunction(two, lessThan),
  le: goFunction(two, lessOrEqual),
  gt: goFunction(two, (a: Value, b: Value) => !lessOrEqual(a, b)),
  ge: goFunction(two, (a: Value, b: Value) => !lessThan(a, b)),
}

const printing = {
  print: goFunction([], (...args: Value[]) => goSprint(args), variadic),
  println: goFunction([], (...args: Value[]) => goSprintln(args), variadic),
  printf: goFunction(['string'], (format: string, ...args: Value[]) => goSprintf(format, args), variadic),
  html: goFunction([], (...args: Value[]) => escapeHtml(args), variadic),
  js: goFunction([], (...args: Value[]) => escapeJs(args), variadic),
  urlquery: goFunction([], (...args: Value[]) => escapeQuery(args), variadic),
}

/**
 * The functions that every template has. A function map may replace them; `and` and `or` evaluate only the operands
 * they need as long as they are these.
 */
export const builtinFunctions = Object.freeze({ ...reflective, ...printing })

const reflectiveFunctions: ReadonlySet<GoFunction> = new Set(Object.values(reflective))

/** Whether a function's `any` parameters take no value as it is instead of as nil. */
export function isReflective(fn: GoFunction): boolean {
  return reflectiveFunctions.has(fn)
}
