/** How Go reads scalars, and the types that write their own JSON. */
import type { Json } from '../json.ts'
import { canonicalQuantity, QuantityError } from '../quantity.ts'
import type { ScalarKind } from '../schema/schema.ts'
import { jsonKind, Mismatch } from './mismatch.ts'
import { readTime } from './time.ts'

/** Reads a value that is not null. */
export type Reader = (value: Json) => Json

/** The reader of a scalar; `goType` is for messages. */
export function scalarReader(kind: ScalarKind, goType: string): Reader {
  switch (kind) {
    case 'string':
    case 'bytes':
      return (value) => (typeof value === 'string' ? value : misfit(value, goType))
    case 'bool':
      return (value) => (typeof value === 'boolean' ? value : misfit(value, goType))
    case 'int32':
      return (value) => readInteger(value, goType, -(2 ** 31), 2 ** 31 - 1)
    case 'int64':
      return readInt64
    case 'float64':
      return (value) => (typeof value === 'number' ? value : misfit(value, goType))
    case 'intOrString':
      return (value) => (typeof value === 'string' ? value : readInteger(value, 'int32', -(2 ** 31), 2 ** 31 - 1))
    case 'quantity':
      return readQuantity
    case 'time':
    case 'microTime':
      return (value) => (typeof value === 'string' ? readTime(value, kind === 'microTime') : misfit(value, 'string'))
    case 'any':
      return (value) => value
  }
}

/** Go's zero value of a scalar, as it prints it. */
export function scalarZero(kind: ScalarKind): Json {
  switch (kind) {
    case 'string':
    case 'bytes':
      return ''
    case 'bool':
      return false
    case 'int32':
    case 'int64':
    case 'float64':
    case 'intOrString':
      return 0
    case 'quantity':
      return '0'
    case 'time':
    case 'microTime':
    case 'any':
      return null
  }
}

function misfit(value: Json, goType: string): never {
  throw new Mismatch(jsonKind(value), goType)
}

function readInt64(value: Json): Json {
  // 2^63 itself is the next number that JavaScript can hold above the largest int64.
  return readInteger(value, 'int64', -(2 ** 63), 2 ** 63 - 1024)
}

function readInteger(value: Json, goType: string, min: number, max: number): Json {
  if (typeof value !== 'number') return misfit(value, goType)
  if (!Number.isInteger(value) || value < min || value > max) throw new Mismatch(`number ${value}`, goType)
  return value
}

function readQuantity(value: Json): Json {
  // Kubernetes parses the JSON text itself, whatever it is; a text in quotes loses them.
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  try {
    return canonicalQuantity(text.trim())
  } catch (error) {
    if (error instanceof QuantityError) throw new Mismatch(error.message)
    throw error
  }
}
