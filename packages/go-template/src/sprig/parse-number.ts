/** `strconv`: numbers from text, as Go's literals spell them. */

const maximum64 = 2n ** 63n - 1n
const minimum64 = -(2n ** 63n)

/**
 * `ParseInt` with base 8, 10, or 0 for prefixes (`0x`, `0o`, `0b`, `0`) and `_` between digits.
 * Outside 64 bits it saturates with `inRange` false, as Go returns the bound beside the error; null is a syntax error.
 */
export function parseInteger(text: string, base: 0 | 8 | 10): { value: bigint; inRange: boolean } | null {
  const [, sign = '', body = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  const magnitude = parseDigits(body, base)
  if (magnitude === null) return null
  const value = sign === '-' ? -magnitude : magnitude
  if (value > maximum64) return { value: maximum64, inRange: false }
  if (value < minimum64) return { value: minimum64, inRange: false }
  return { value, inRange: true }
}

// No 64-bit number has more digits, and BigInt is slow on very long texts.
const mostDigits = 400

function parseDigits(body: string, base: 0 | 8 | 10): bigint | null {
  if (base === 10) return /^[0-9]+$/.test(body) ? bigFrom('', body) : null
  if (base === 8) return /^[0-7]+$/.test(body) ? bigFrom('0o', body) : null
  if (body.includes('_') && !underscoresFit(body)) return null
  const digits = body.replaceAll('_', '')
  const lowered = digits.toLowerCase()
  if (/^0x[0-9a-f]+$/.test(lowered)) return bigFrom('0x', lowered.slice(2))
  if (/^0o[0-7]+$/.test(lowered)) return bigFrom('0o', lowered.slice(2))
  if (/^0b[01]+$/.test(lowered)) return bigFrom('0b', lowered.slice(2))
  if (/^0[0-7]+$/.test(digits)) return bigFrom('0o', digits.slice(1))
  return /^(0|[1-9][0-9]*)$/.test(digits) ? bigFrom('', digits) : null
}

function bigFrom(prefix: string, digits: string): bigint {
  const significant = digits.replace(/^0+/, '')
  return significant.length > mostDigits ? maximum64 + 2n : BigInt(`${prefix}${significant === '' ? '0' : significant}`)
}

/** Underscores must stand between digits; a base prefix counts as a digit. */
function underscoresFit(text: string): boolean {
  const body = text.replace(/^[+-]/, '')
  const hex = /^0x/i.test(body)
  const afterPrefix = /^0[xob]/i.test(body) ? `0${body.slice(2)}` : body
  const digit = hex ? '[0-9a-fA-F]' : '[0-9]'
  return !new RegExp(`(^|[^_])_(?!${digit})|(?<!${digit})_`).test(afterPrefix)
}

const decimalFloat = /^[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?$/i
const hexFloat = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)p([+-]?[0-9]+)$/i

/** `ParseFloat`; null for a syntax error and for a number beyond float64, which sprig treats alike. */
export function parseFloat64(text: string): number | null {
  const infinity = /^([+-]?)inf(inity)?$/i.exec(text)
  if (infinity !== null) return infinity[1] === '-' ? -Infinity : Infinity
  if (/^nan$/i.test(text)) return Number.NaN
  if (text.includes('_') && !underscoresFit(text)) return null
  const plain = text.replaceAll('_', '')
  const value = decimalFloat.test(plain) ? Number(plain) : parseHexFloat(plain)
  return value === null || !Number.isFinite(value) ? null : value
}

function parseHexFloat(text: string): number | null {
  const [, sign = '', whole = '', fraction = '', exponent = ''] = hexFloat.exec(text) ?? []
  const digits = whole + fraction
  if (digits === '') return null
  // Beyond any exponent a float64 can hold, so that the shift below stays small.
  const power = Math.max(-1e5, Math.min(1e5, Number(exponent))) - 4 * fraction.length
  const magnitude = scaleByTwo(BigInt(`0x${digits}`), power)
  return sign === '-' ? -magnitude : magnitude
}

/** `mantissa × 2^power`, rounded once. */
function scaleByTwo(mantissa: bigint, power: number): number {
  if (mantissa === 0n) return 0
  if (power >= 0) return Number(power > 2000 ? mantissa << 2000n : mantissa << BigInt(power))
  // An exact decimal: m / 2^k = m × 5^k / 10^k, and reading decimals rounds correctly.
  if (power < -5000) return 0
  return Number(`${mantissa * 5n ** BigInt(-power)}e${power}`)
}
