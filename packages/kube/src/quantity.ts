/**
 * Kubernetes' resource quantities: `100m`, `1.5Gi`, `2e3`.
 *
 * What Kubernetes prints for a quantity is not always its canonical form: where
 * the parser's quick way sees nothing to normalise, it hands the text back as
 * it was (`+1`, `1.500`). That is part of the behaviour here.
 */

/** A text that is no quantity; the message is Kubernetes' own. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}

/** The families of suffixes: `m k M …`, `Ki Mi …`, `e3`. */
export type QuantityFormat = 'decimalSI' | 'binarySI' | 'decimalExponent'

/** A quantity: the number `unscaled * 10 ** scale`. */
export interface Quantity {
  readonly unscaled: bigint
  readonly scale: number
  /** The family of suffixes that it was written with. */
  readonly format: QuantityFormat
  /** What Kubernetes prints for it. */
  readonly text: string
}

const GRAMMAR = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)$/
const WRONG_FORMAT = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

const DECIMAL_EXPONENTS: Readonly<Record<string, number>> = {
  n: -9,
  u: -6,
  m: -3,
  '': 0,
  k: 3,
  M: 6,
  G: 9,
  T: 12,
  P: 15,
  E: 18,
}
const DECIMAL_SUFFIXES = new Map(Object.entries(DECIMAL_EXPONENTS).map(([suffix, exponent]) => [exponent, suffix]))
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei']

/** The smallest difference that a quantity can express: 10 ** -9. */
const NANO = -9
/** Digits that always fit into an int64. */
const INT64_DIGITS = 18
const MAX_INT64 = 2n ** 63n - 1n
const MIN_INT64 = -(2n ** 63n)

/**
 * @throws QuantityError
 */
export function parseQuantity(text: string): Quantity {
  if (text === '0') return { unscaled: 0n, scale: 0, format: 'decimalSI', text }
  const match = text === '' ? null : GRAMMAR.exec(text)
  if (match === null) throw new QuantityError(WRONG_FORMAT)
  const [, sign = '', integer = '', fraction = '', suffixText = ''] = match
  const suffix = readSuffix(suffixText)
  const digits = (integer === '' ? '0' : integer) + fraction
  const negative = sign === '-'
  const exact = quickParse(text, digits, fraction.length, negative, suffix)
  return exact ?? exactParse(digits, fraction.length, negative, suffix)
}

/**
 * What Kubernetes prints for a quantity: `0.5` → `500m`, `1024Mi` → `1Gi`.
 *
 * @throws QuantityError
 */
export function canonicalQuantity(text: string): string {
  const known = canonicalTexts.get(text)
  if (known !== undefined) return known
  const canonical = parseQuantity(text).text
  // Real manifests use few different quantities, hostile ones must not fill the memory.
  if (canonicalTexts.size >= 512) canonicalTexts.clear()
  canonicalTexts.set(text, canonical)
  return canonical
}

const canonicalTexts = new Map<string, string>()

function absolute(value: bigint): bigint {
  return value < 0n ? -value : value
}

interface Suffix {
  readonly format: QuantityFormat
  /** Power of ten, or of two for binary suffixes. */
  readonly exponent: number
}

function readSuffix(text: string): Suffix {
  if (Object.hasOwn(DECIMAL_EXPONENTS, text)) return { format: 'decimalSI', exponent: DECIMAL_EXPONENTS[text] ?? 0 }
  const binary = BINARY_SUFFIXES.indexOf(text)
  if (binary > 0) return { format: 'binarySI', exponent: binary * 10 }
  if (/^[eE][+-]?[0-9]+$/.test(text)) {
    const exponent = BigInt(text.slice(1).replace('+', ''))
    // An int64 that Kubernetes cuts down to an int32.
    if (exponent >= MIN_INT64 && exponent <= MAX_INT64) {
      return { format: 'decimalExponent', exponent: Number(BigInt.asIntN(32, exponent)) }
    }
  }
  throw new QuantityError("unable to parse quantity's suffix")
}

/** Kubernetes' way for numbers that fit into an int64; `undefined` when this one does not. */
function quickParse(
  text: string,
  digits: string,
  fractionDigits: number,
  negative: boolean,
  { format, exponent }: Suffix,
): Quantity | undefined {
  const binary = format === 'binarySI'
  if (binary && fractionDigits > 0) return undefined
  const precision = binary ? 14 - digits.length - (exponent * 3) / 10 : INT64_DIGITS - digits.length
  const scale = binary ? 0 : exponent - fractionDigits
  if (precision < 0 || scale < NANO) return undefined
  const value = BigInt(digits)
  const magnitude = binary ? value << BigInt(exponent) : value
  if (magnitude > MAX_INT64) return undefined
  const unscaled = negative ? -magnitude : magnitude
  const asWritten = binary ? (value & 7n) !== 0n : scale % 3 === 0 && !digits.endsWith('000') && digits[0] !== '0'
  return { unscaled, scale, format, text: asWritten ? text : print(unscaled, scale, format) }
}

/** Any number of digits; rounds away from zero to nano, and caps binary quantities. */
function exactParse(digits: string, fractionDigits: number, negative: boolean, suffix: Suffix): Quantity {
  let { format } = suffix
  let scale = -fractionDigits
  let amount = BigInt(digits)
  if (format === 'binarySI') amount <<= BigInt(suffix.exponent)
  else scale += suffix.exponent
  if (amount !== 0n && scale < NANO) {
    amount = divideUp(amount, NANO - scale)
    scale = NANO
  }
  if (format === 'binarySI') {
    const one = 10n ** BigInt(-scale)
    if (amount > MAX_INT64 * one) [amount, scale] = [MAX_INT64, 0]
    else if (amount < one && amount > 0n) format = 'decimalSI'
  }
  const unscaled = negative ? -amount : amount
  return { unscaled, scale, format, text: print(unscaled, scale, format) }
}

/** Drops decimal places and rounds up; `places` may be absurdly large. */
function divideUp(amount: bigint, places: number): bigint {
  if (places > amount.toString().length) return 1n
  const divisor = 10n ** BigInt(places)
  return (amount + divisor - 1n) / divisor
}

function print(unscaled: bigint, scale: number, format: QuantityFormat): string {
  if (unscaled === 0n) return '0'
  if (format !== 'binarySI') return printDecimal(unscaled, scale, format)
  const one = 10n ** BigInt(-scale)
  const tooSmall = absolute(unscaled) < 1024n * one
  // Printed as decimal where powers of 1024 would need rounding.
  if (tooSmall || unscaled % one !== 0n) return printDecimal(unscaled, scale, 'decimalSI')
  let amount = unscaled / one
  let power = 0
  for (; amount % 1024n === 0n; power++) amount /= 1024n
  return `${amount}${BINARY_SUFFIXES[power] ?? ''}`
}

function printDecimal(unscaled: bigint, scale: number, format: QuantityFormat): string {
  const sign = unscaled < 0n ? '-' : ''
  const all = absolute(unscaled).toString()
  const digits = all.replace(/0+$/, '')
  let exponent = scale + all.length - digits.length
  const padding = ((exponent % 3) + 3) % 3
  exponent -= padding
  // Beyond E there is no SI suffix; Kubernetes then prints none.
  const si = DECIMAL_SUFFIXES.get(exponent) ?? ''
  const suffix = format === 'decimalSI' ? si : exponent === 0 ? '' : `e${exponent}`
  return `${sign}${digits}${'0'.repeat(padding)}${suffix}`
}
