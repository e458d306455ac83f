/** sprig's numbers: integer arithmetic is int64 and wraps, the `…f` functions calculate with exact decimals. */
import { type FunctionMap, type GoFunction, goFunction, goSlice, type Value } from '../value.ts'
import { checkElements } from './bounds.ts'
import { int64, toFloat64, toInt64 } from './convert.ts'
import { add, type Decimal, decimalFrom, divide, multiply, subtract, toFloat } from './decimal.ts'
import { powerOfTen } from './go-float.ts'
import { divideByZero } from './panic.ts'
import { parseInteger } from './parse-number.ts'
import { textOf } from './text-value.ts'

const onNumbers = (call: (a: bigint, b: bigint) => bigint) =>
  goFunction(['any', 'any'], (a: Value, b: Value) => int64(call(toInt64(a), toInt64(b))))

/** Combines all arguments from left to right; the first one is required. */
const foldIntegers = (combine: (total: bigint, next: bigint) => bigint) =>
  goFunction(
    ['any'],
    (first: Value, ...rest: Value[]) =>
      int64(rest.reduce((total: bigint, next) => BigInt.asIntN(64, combine(total, toInt64(next))), toInt64(first))),
    { variadic: 'any' },
  )

const foldFloats = (combine: (total: number, next: number) => number) =>
  goFunction(
    ['any'],
    (first: Value, ...rest: Value[]) =>
      rest.reduce((total: number, next) => combine(total, toFloat64(next)), toFloat64(first)),
    { variadic: 'any' },
  )

const foldDecimals = (combine: (total: Decimal, next: Decimal) => Decimal) =>
  goFunction(['any'], (first: Value, ...rest: Value[]) => foldDecimal(combine, first, rest), { variadic: 'any' })

function foldDecimal(combine: (a: Decimal, b: Decimal) => Decimal, first: Value, rest: readonly Value[]): number {
  const start = decimalFrom(toFloat64(first))
  return toFloat(rest.reduce((total: Decimal, next) => combine(total, decimalFrom(toFloat64(next))), start))
}

function larger(a: bigint, b: bigint): bigint {
  if (b > a) return b
  return a
}

function smaller(a: bigint, b: bigint): bigint {
  return -larger(-a, -b)
}

const maximum = foldIntegers(larger)
const rounding = (round: (value: number) => number): GoFunction =>
  goFunction(['any'], (value: Value) => round(toFloat64(value)))

export const mathFunctions: FunctionMap = {
  add1: goFunction(['any'], (value: Value) => int64(toInt64(value) + 1n)),
  add: goFunction([], (...values: Value[]) => int64(values.reduce((sum: bigint, next) => sum + toInt64(next), 0n)), {
    variadic: 'any',
  }),
  sub: onNumbers((a, b) => a - b),
  div: onNumbers((a, b) => {
    if (b === 0n) throw divideByZero()
    return a / b
  }),
  mod: onNumbers((a, b) => {
    if (b === 0n) throw divideByZero()
    return a % b
  }),
  mul: foldIntegers((a, b) => a * b),
  max: maximum,
  biggest: maximum,
  min: foldIntegers(smaller),
  add1f: goFunction(['any'], (value: Value) => foldDecimal(add, value, [1])),
  addf: goFunction([], (...values: Value[]) => foldDecimal(add, 0, values), { variadic: 'any' }),
  subf: foldDecimals(subtract),
  mulf: foldDecimals(multiply),
  divf: foldDecimals(divide),
  // Unlike JavaScript, Go lets the infinity win over NaN.
  maxf: foldFloats((a, b) => (a === Infinity || b === Infinity ? Infinity : Math.max(a, b))),
  minf: foldFloats((a, b) => (a === -Infinity || b === -Infinity ? -Infinity : Math.min(a, b))),
  ceil: rounding(Math.ceil),
  floor: rounding(Math.floor),
  round: goFunction(['any', 'int'], round, { variadic: 'float64' }),
  int: goFunction(['any'], toInt64),
  int64: goFunction(['any'], (value: Value) => int64(toInt64(value))),
  float64: goFunction(['any'], toFloat64),
  atoi: goFunction(['string'], (text: string) => parseInteger(text, 10)?.value ?? 0n),
  toDecimal: goFunction(['any'], fromOctal),
  until: goFunction(['int'], (count: bigint) => intSlice(steps(0n, count, count < 0n ? -1n : 1n))),
  untilStep: goFunction(['int', 'int', 'int'], (start: bigint, stop: bigint, step: bigint) =>
    intSlice(steps(start, stop, step)),
  ),
  seq: goFunction([], sequence, { variadic: 'int' }),
}

/** Rounds half up, so that -1.5 becomes -2 and 1.5 becomes 2; `threshold` replaces the half. */
function round(value: Value, places: bigint, threshold = 0.5): number {
  const power = powerOfTen(Number(places))
  const digit = power * toFloat64(value)
  // Go's Modf: the fraction has the sign of the number, and an infinity has no fraction.
  const fraction = Number.isFinite(digit) ? digit - Math.trunc(digit) : Number.NaN
  return (fraction >= threshold ? Math.ceil(digit) : Math.floor(digit)) / power
}

/** Reads the digits as octal: `toDecimal 777` is 511. */
function fromOctal(value: Value): Value {
  const parsed = parseInteger(textOf(value), 8)
  return int64(parsed?.inRange === true ? parsed.value : 0n)
}

function steps(start: bigint, stop: bigint, step: bigint): bigint[] {
  const towards = stop < start ? step < 0n : step > 0n
  if (!towards) return []
  const distance = stop < start ? start - stop : stop - start
  checkElements(distance / (step < 0n ? -step : step))
  const values: bigint[] = []
  for (let i = start; stop < start ? i > stop : i < stop; i += step) values.push(i)
  return values
}

function intSlice(values: bigint[]): Value {
  return goSlice('int', values)
}

/** `seq` counts like the shell command, both ends included: last; first last; first step last. */
function sequence(...parameters: bigint[]): string {
  const [a = 0n, b = 0n, c = 0n] = parameters
  switch (parameters.length) {
    case 1:
      return countTo(1n, a, a < 1n ? -1n : 1n)
    case 2:
      return countTo(a, b, b < a ? -1n : 1n)
    case 3:
      return c < a && b > 0n ? '' : countTo(a, c, b)
    default:
      return ''
  }
}

function countTo(first: bigint, last: bigint, step: bigint): string {
  return steps(first, last + (last < first ? -1n : 1n), step).join(' ')
}
