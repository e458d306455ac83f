/** The part of shopspring/decimal that sprig's float functions use: exact decimals, so that 0.1 + 0.2 is 0.3. */

/** `digits × 10^exponent` */
export interface Decimal {
  readonly digits: bigint
  readonly exponent: number
}

/** The shortest decimal that reads back as `value`. */
export function decimalFrom(value: number): Decimal {
  if (!Number.isFinite(value)) throw new Error(`Cannot create a Decimal from ${goName(value)}`)
  const [mantissa = '0', exponent = '0'] = value.toString().split('e')
  const [whole = '0', fraction = ''] = mantissa.split('.')
  return { digits: BigInt(whole + fraction), exponent: Number(exponent) - fraction.length }
}

export function toFloat({ digits, exponent }: Decimal): number {
  return Number(`${digits}e${exponent}`)
}

export function add(a: Decimal, b: Decimal): Decimal {
  const exponent = Math.min(a.exponent, b.exponent)
  return { digits: rescale(a, exponent) + rescale(b, exponent), exponent }
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, { digits: -b.digits, exponent: b.exponent })
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { digits: a.digits * b.digits, exponent: a.exponent + b.exponent }
}

/** The library's default `DivisionPrecision`: quotients have 16 decimal places, halves rounded away from zero. */
const places = 16

export function divide(a: Decimal, b: Decimal): Decimal {
  if (b.digits === 0n) throw new Error('decimal division by 0')
  const shift = a.exponent - b.exponent + places
  const dividend = shift >= 0 ? a.digits * 10n ** BigInt(shift) : a.digits
  const divisor = shift >= 0 ? b.digits : b.digits * 10n ** BigInt(-shift)
  const quotient = dividend / divisor
  const remainder = dividend % divisor
  const roundUp = 2n * absolute(remainder) >= absolute(divisor)
  const away = a.digits < 0n !== b.digits < 0n ? -1n : 1n
  return { digits: roundUp ? quotient + away : quotient, exponent: -places }
}

function rescale({ digits, exponent }: Decimal, target: number): bigint {
  return digits * 10n ** BigInt(exponent - target)
}

const absolute = (value: bigint) => (value < 0n ? -value : value)

function goName(value: number): string {
  return Number.isNaN(value) ? 'NaN' : value > 0 ? '+Inf' : '-Inf'
}
