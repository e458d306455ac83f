/*
 * strconv.FormatFloat for float64. JavaScript's toFixed and toPrecision round ties upwards and stop at 100 digits;
 * Go rounds the exact binary value half to even at any precision, hence the exact decimal below.
 */

interface Decimal {
  /** Significant digits without trailing zeros; empty for zero. */
  readonly digits: string
  /** Position of the decimal point: the value is 0.DIGITS × 10^point. */
  readonly point: number
}

export type FloatVerb = 'e' | 'E' | 'f' | 'g' | 'G' | 'b' | 'x' | 'X'

/** `strconv.FormatFloat(value, verb, precision, 64)`; precision -1 is the shortest text that reads back the same. */
export function formatFloat(value: number, verb: FloatVerb, precision: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const negative = value < 0 || Object.is(value, -0)
  const magnitude = Math.abs(value)
  return (negative ? '-' : '') + formatMagnitude(magnitude, verb, precision)
}

function formatMagnitude(value: number, verb: FloatVerb, precision: number): string {
  switch (verb) {
    case 'b':
      return binaryForm(value)
    case 'x':
    case 'X': {
      const text = hexForm(value, precision)
      return verb === 'X' ? text.toUpperCase() : text
    }
    case 'e':
    case 'E': {
      const decimal = precision < 0 ? shortest(value) : rounded(value, precision + 1)
      return exponentForm(decimal, precision < 0 ? Math.max(decimal.digits.length - 1, 0) : precision, verb)
    }
    case 'f': {
      const decimal = precision < 0 ? shortest(value) : roundedAfterPoint(value, precision)
      return plainForm(decimal, precision < 0 ? Math.max(decimal.digits.length - decimal.point, 0) : precision)
    }
    default:
      return generalForm(value, verb, precision)
  }
}

function generalForm(value: number, verb: 'g' | 'G', precision: number): string {
  const isShortest = precision < 0
  const wanted = precision === 0 ? 1 : precision
  const decimal = isShortest ? shortest(value) : rounded(value, wanted)
  const count = decimal.digits.length
  let threshold = wanted
  if (threshold > count && count >= decimal.point) threshold = count
  if (isShortest) threshold = 6
  const exponent = decimal.point - 1
  // Zero has no digits; its point is 0, which never asks for the exponent form.
  if (exponent < -4 || exponent >= threshold) {
    const digits = isShortest || wanted > count ? count : wanted
    return exponentForm(decimal, digits - 1, verb === 'g' ? 'e' : 'E')
  }
  return plainForm(decimal, Math.max(count - decimal.point, 0))
}

function shortest(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  const text = value.toExponential()
  const e = text.indexOf('e')
  return { digits: text[0] + text.slice(2, e), point: Number(text.slice(e + 1)) + 1 }
}

/** The exact decimal expansion of a double. */
function exact(value: number): Decimal {
  if (value === 0) return { digits: '', point: 0 }
  const { mantissa, exponent } = split(value)
  const digits =
    exponent >= 0 ? (mantissa << BigInt(exponent)).toString() : (mantissa * 5n ** BigInt(-exponent)).toString()
  return { digits, point: digits.length + Math.min(exponent, 0) }
}

function rounded(value: number, count: number): Decimal {
  return roundTo(exact(value), count)
}

function roundedAfterPoint(value: number, places: number): Decimal {
  const decimal = exact(value)
  return roundTo(decimal, decimal.point + places)
}

function roundTo(decimal: Decimal, count: number): Decimal {
  const { digits, point } = decimal
  if (count < 0) return { digits: '', point: 0 }
  if (count >= digits.length) return trim(digits, point)
  const kept = digits.slice(0, count)
  if (!roundsUp(digits, count)) return trim(kept, point)
  const raised = (BigInt(kept === '' ? '0' : kept) + 1n).toString()
  return trim(raised.padStart(count, '0'), point + (raised.length > count ? 1 : 0))
}

function roundsUp(digits: string, count: number): boolean {
  const next = digits[count] ?? '0'
  if (next !== '5') return next > '5'
  if (/[1-9]/.test(digits.slice(count + 1))) return true
  return count > 0 && Number(digits[count - 1]) % 2 === 1
}

function trim(digits: string, point: number): Decimal {
  let end = digits.length
  while (end > 0 && digits[end - 1] === '0') end--
  return end === 0 ? { digits: '', point: 0 } : { digits: digits.slice(0, end), point }
}

function exponentForm(decimal: Decimal, precision: number, letter: 'e' | 'E'): string {
  const first = decimal.digits[0] ?? '0'
  const rest = precision > 0 ? `.${decimal.digits.slice(1, precision + 1).padEnd(precision, '0')}` : ''
  return first + rest + letter + exponentText(decimal.digits === '' ? 0 : decimal.point - 1)
}

function exponentText(exponent: number): string {
  return (exponent < 0 ? '-' : '+') + Math.abs(exponent).toString().padStart(2, '0')
}

function plainForm(decimal: Decimal, precision: number): string {
  const { digits, point } = decimal
  const whole = point > 0 ? digits.slice(0, point).padEnd(point, '0') : '0'
  if (precision <= 0) return whole
  const fraction = point >= 0 ? digits.slice(point) : '0'.repeat(Math.min(-point, precision)) + digits
  return `${whole}.${fraction.slice(0, precision).padEnd(precision, '0')}`
}

/** value = mantissa × 2^exponent with a 53-bit integer mantissa. */
function split(value: number): { mantissa: bigint; exponent: number } {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value)
  const bits = view.getBigUint64(0)
  const stored = Number((bits >> 52n) & 0x7ffn)
  const fraction = bits & 0xfffffffffffffn
  return stored === 0
    ? { mantissa: fraction, exponent: -1074 }
    : { mantissa: fraction | 0x10000000000000n, exponent: stored - 1075 }
}

function binaryForm(value: number): string {
  const { mantissa, exponent } = split(value)
  return `${mantissa}p${exponent < 0 ? '' : '+'}${exponent}`
}

/** `0x1.8p+01`; precision is the number of hex digits after the point. */
function hexForm(value: number, precision: number): string {
  let { mantissa, exponent } = split(value)
  if (mantissa === 0n) exponent = 0
  else {
    while (mantissa < 0x10000000000000n) {
      mantissa <<= 1n
      exponent--
    }
    exponent += 52
  }
  let places = 13
  if (precision >= 0 && precision < 13) {
    const dropped = BigInt((13 - precision) * 4)
    mantissa = shiftHalfEven(mantissa, dropped)
    places = precision
    if (mantissa >> BigInt(places * 4) > 1n) {
      mantissa >>= 1n
      exponent++
    }
  }
  let fraction = places === 0 ? '' : (mantissa & ((1n << BigInt(places * 4)) - 1n)).toString(16).padStart(places, '0')
  fraction = precision < 0 ? fraction.replace(/0+$/, '') : fraction.padEnd(precision, '0')
  const lead = (mantissa >> BigInt(places * 4)).toString()
  return `0x${lead}${fraction === '' ? '' : `.${fraction}`}p${exponentText(exponent)}`
}

function shiftHalfEven(value: bigint, bits: bigint): bigint {
  const kept = value >> bits
  const rest = value - (kept << bits)
  const half = 1n << (bits - 1n)
  return rest > half || (rest === half && kept % 2n === 1n) ? kept + 1n : kept
}
