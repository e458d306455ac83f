import { goQuote } from '../format/quote.ts'
import type { TokenType } from './tokens.ts'
import { unquoteCharacter } from './unquote.ts'

/** The readings of a number: a constant takes the type its use asks for. */
export interface NumberReadings {
  /** As a signed 64-bit integer, if it is one. `1e3` is. */
  readonly int: bigint | undefined
  /** As an unsigned 64-bit integer; only literals above the signed range need it. */
  readonly uint: bigint | undefined
  readonly float: number | undefined
}

const maxInt64 = (1n << 63n) - 1n
const minInt64 = -(1n << 63n)
const maxUint64 = (1n << 64n) - 1n

/** Reads a number or character constant; a text says why it is none. */
export function readNumber(text: string, type: TokenType): NumberReadings | string {
  if (type === 'charConstant') {
    const rune = unquoteCharacter(text)
    return typeof rune === 'string' ? rune : { int: BigInt(rune), uint: BigInt(rune), float: rune }
  }
  if (type === 'complex' || text.endsWith('i')) return `complex numbers are not supported: ${goQuote(text)}`
  const integer = readInteger(text)
  const int = integer !== undefined && integer >= minInt64 && integer <= maxInt64 ? integer : undefined
  const uint = integer !== undefined && integer >= 0n && integer <= maxUint64 ? integer : undefined
  if (int !== undefined || uint !== undefined) return { int, uint, float: Number(integer) }
  const float = readFloat(text)
  if (float === undefined) return `illegal number syntax: ${goQuote(text)}`
  if (!/[.eEpP]/.test(text)) return `integer overflow: ${goQuote(text)}`
  const isInt = Number.isInteger(float) && float >= -(2 ** 63) && float < 2 ** 63
  return { int: isInt ? BigInt(float) : undefined, uint: undefined, float }
}

/** Integer literal of any base; undefined if it is none. The range is not checked. */
function readInteger(text: string): bigint | undefined {
  const match = /^([+-]?)(0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|0[0-7_]*|[1-9][0-9_]*)$/.exec(text)
  if (match === null || !underscoresFit(text)) return undefined
  const digits = (match[2] ?? '').replaceAll('_', '')
  const isOldOctal = /^0[0-7]/.test(digits)
  const magnitude = BigInt(isOldOctal ? `0o${digits.slice(1)}` : digits.toLowerCase())
  return match[1] === '-' ? -magnitude : magnitude
}

function readFloat(text: string): number | undefined {
  if (!underscoresFit(text)) return undefined
  const plain = text.replaceAll('_', '')
  const value = /^[+-]?0[xX]/.test(plain) ? readHexFloat(plain) : readDecimalFloat(plain)
  // Too large is as wrong as malformed.
  return value !== undefined && Number.isFinite(value) ? value : undefined
}

function readDecimalFloat(text: string): number | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined
}

function readHexFloat(text: string): number | undefined {
  const match = /^([+-]?)0[xX]([0-9a-fA-F]*)\.?([0-9a-fA-F]*)[pP]([+-]?\d+)$/.exec(text)
  if (match === null) return undefined
  const [, sign = '', whole = '', fraction = '', power = '0'] = match
  if (whole + fraction === '') return undefined
  let mantissa = BigInt(`0x${whole}${fraction}`)
  let exponent = Number(power) - 4 * fraction.length
  // More than 64 bits cannot change the result, save that some of them were not zero.
  const surplus = mantissa.toString(2).length - 64
  if (surplus > 0) {
    const kept = mantissa >> BigInt(surplus)
    mantissa = kept << BigInt(surplus) === mantissa ? kept : kept | 1n
    exponent += surplus
  }
  if (mantissa === 0n) return sign === '-' ? -0 : 0
  const half = Math.trunc(Math.max(-4000, Math.min(4000, exponent)) / 2)
  const rest = Math.max(-4000, Math.min(4000, exponent)) - half
  const value = Number(mantissa) * 2 ** half * 2 ** rest
  return sign === '-' ? -value : value
}

/** Underscores may only separate digits, or stand between a base prefix and the first digit. */
function underscoresFit(text: string): boolean {
  if (!text.includes('_')) return true
  const unsigned = text.replace(/^[+-]/, '')
  const isHex = /^0[xX]/.test(unsigned)
  const body = unsigned.replace(/^0[xXbBoO]/, '0')
  const digit = isHex ? /[0-9a-fA-F]/ : /[0-9]/
  let previous = ''
  for (const char of body) {
    if (char === '_') {
      if (!digit.test(previous)) return false
    } else if (previous === '_' && !digit.test(char)) return false
    previous = char
  }
  return previous !== '_'
}
