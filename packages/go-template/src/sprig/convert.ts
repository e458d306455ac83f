/** spf13/cast: any value as a number. What cannot be converted is 0. */
import { type GoInteger, goInteger, goKind, isHostObject, type Value } from '../value.ts'
import { parseFloat64, parseInteger } from './parse-number.ts'

/** `cast.ToInt64` (and `ToInt`, which is the same on 64 bits). */
export function toInt64(value: Value): bigint {
  switch (typeof value) {
    case 'bigint':
      return value
    case 'number':
      return truncateFloat(value)
    case 'boolean':
      return value ? 1n : 0n
    case 'string':
      return integerFrom(value)
  }
  return isInteger(value) ? BigInt.asIntN(64, value.value) : 0n
}

/** `cast.ToFloat64` */
export function toFloat64(value: Value): number {
  switch (typeof value) {
    case 'bigint':
      return Number(value)
    case 'number':
      return value
    case 'boolean':
      return value ? 1 : 0
    case 'string':
      return parseFloat64(value) ?? 0
  }
  return isInteger(value) ? Number(value.value) : 0
}

/** An `int64` result, wrapped around as Go's arithmetic does. */
export function int64(value: bigint): GoInteger {
  return goInteger('int64', BigInt.asIntN(64, value))
}

function isInteger(value: Value): value is GoInteger {
  return isHostObject(value) && value[goKind] === 'integer'
}

/** `int64(f)` on amd64 and arm64 differ outside the range; this is amd64, where all such values become the lowest. */
function truncateFloat(value: number): bigint {
  const lowest = -(2 ** 63)
  if (!(value >= lowest && value < 2 ** 63)) return BigInt(lowest)
  return BigInt(Math.trunc(value))
}

function integerFrom(text: string): bigint {
  const parsed = parseInteger(withoutZeroFraction(text), 0)
  return parsed?.inRange === true ? parsed.value : 0n
}

/** `3.00` is read as `3`; `3.` and `3.5` stay, and are then no integers. */
function withoutZeroFraction(text: string): string {
  return text.replace(/\.0+$/, '')
}
