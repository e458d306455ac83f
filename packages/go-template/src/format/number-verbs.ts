import { type FloatVerb, formatFloat } from './float.ts'
import { type Printer, write, writePadded, writePadding, writeSpacePadded } from './printer.ts'
import { goQuoteRune, isPrintRune } from './quote.ts'

const maxRune = 0x10ffffn

/** How an integer verb writes its digits. */
export interface IntegerForm {
  readonly base: 2 | 8 | 10 | 16
  readonly upper: boolean
  /** `%O`: always `0o` in front. */
  readonly octalPrefix: boolean
}

const decimalForm: IntegerForm = { base: 10, upper: false, octalPrefix: false }
export const hexForm: IntegerForm = { base: 16, upper: false, octalPrefix: false }

const integerForms: Readonly<Record<string, IntegerForm>> = {
  __proto__: null as never,
  v: decimalForm,
  d: decimalForm,
  b: { base: 2, upper: false, octalPrefix: false },
  o: { base: 8, upper: false, octalPrefix: false },
  O: { base: 8, upper: false, octalPrefix: true },
  x: hexForm,
  X: { base: 16, upper: true, octalPrefix: false },
}

/** Prints an integer; false if the verb is not one for integers. */
export function printInteger(p: Printer, value: bigint, signed: boolean, verb: string): boolean {
  if (verb === 'v' && p.sharpV && !signed) {
    printHex(p, value, true)
    return true
  }
  const form = integerForms[verb]
  if (form !== undefined) writeInteger(p, value, form)
  else if (verb === 'c') writePadded(p, String.fromCodePoint(toRune(value)))
  else if (verb === 'q') writePadded(p, goQuoteRune(toRune(value), p.plus))
  else if (verb === 'U') writeUnicode(p, BigInt.asUintN(64, value))
  else return false
  return true
}

/** Hexadecimal with or without `0x`, whatever the `#` flag says. */
export function printHex(p: Printer, value: bigint, prefix: boolean): void {
  const sharp = p.sharp
  p.sharp = prefix
  writeInteger(p, value, hexForm)
  p.sharp = sharp
}

function toRune(value: bigint): number {
  if (value < 0n || value > maxRune || (value >= 0xd800n && value <= 0xdfffn)) return 0xfffd
  return Number(value)
}

function writeInteger(p: Printer, value: bigint, form: IntegerForm): void {
  const negative = value < 0n
  let precision = 0
  if (p.precision >= 0) {
    precision = p.precision
    if (precision === 0 && value === 0n) {
      writeBlank(p)
      return
    }
  } else if (p.zero && !p.minus && p.width >= 0) {
    precision = p.width - (negative || p.plus || p.space ? 1 : 0)
  }
  let digits = (negative ? -value : value).toString(form.base)
  if (form.upper) digits = digits.toUpperCase()
  digits = digits.padStart(precision, '0')
  if (p.sharp) digits = withPrefix(digits, form)
  if (form.octalPrefix) digits = `0o${digits}`
  const sign = negative ? '-' : p.plus ? '+' : p.space ? ' ' : ''
  writeSpacePadded(p, sign + digits)
}

function withPrefix(digits: string, form: IntegerForm): string {
  if (form.base === 2) return `0b${digits}`
  if (form.base === 8) return digits.startsWith('0') ? digits : `0${digits}`
  if (form.base === 16) return (form.upper ? '0X' : '0x') + digits
  return digits
}

/** Precision 0 and value 0 print nothing but the width. */
function writeBlank(p: Printer): void {
  const zero = p.zero
  p.zero = false
  writePadding(p, p.width)
  p.zero = zero
}

function writeUnicode(p: Printer, value: bigint): void {
  let text = `U+${value.toString(16).toUpperCase().padStart(Math.max(4, p.precision), '0')}`
  if (p.sharp && value <= maxRune && isPrintRune(Number(value))) text += ` '${String.fromCodePoint(Number(value))}'`
  writeSpacePadded(p, text)
}

/** Verb and default precision of each float verb. */
const floatForms: Readonly<Record<string, readonly [FloatVerb, number]>> = {
  __proto__: null as never,
  v: ['g', -1],
  g: ['g', -1],
  G: ['G', -1],
  b: ['b', -1],
  x: ['x', -1],
  X: ['X', -1],
  f: ['f', 6],
  F: ['f', 6],
  e: ['e', 6],
  E: ['E', 6],
}

/** Prints a float; false if the verb is not one for floats. */
export function printFloat(p: Printer, value: number, verb: string): boolean {
  const form = floatForms[verb]
  if (form === undefined) return false
  const precision = p.precision >= 0 ? p.precision : form[1]
  const text = formatFloat(value, form[0], precision)
  const signed = text.startsWith('-') || text.startsWith('+')
  let sign = signed ? text.charAt(0) : '+'
  let digits = signed ? text.slice(1) : text
  if (p.space && sign === '+' && !p.plus) sign = ' '
  if (digits === 'Inf' || digits === 'NaN') {
    writeNotFinite(p, digits === 'NaN' && !p.space && !p.plus ? '' : sign, digits)
    return true
  }
  // Without its sign, zero padding of `%v` goes by the same path as plain text.
  if (p.sharp && form[0] !== 'b') digits = withDecimalPoint(digits, verb, precision)
  writeSigned(p, sign, digits)
  return true
}

function writeNotFinite(p: Printer, sign: string, digits: string): void {
  const shown = sign === '+' && !p.plus ? '' : sign
  // `%v` of +Inf keeps its sign: only numbers drop a plus that nobody asked for.
  writeSpacePadded(p, (digits === 'Inf' ? sign : shown) + digits)
}

function writeSigned(p: Printer, sign: string, digits: string): void {
  if (!p.plus && sign === '+') {
    writePadded(p, digits)
    return
  }
  if (p.zero && !p.minus && p.width > digits.length + 1) {
    write(p, sign)
    writePadding(p, p.width - digits.length - 1)
    write(p, digits)
    return
  }
  writePadded(p, sign + digits)
}

/** `%#g` keeps the point and the trailing zeros that `%g` drops. */
function withDecimalPoint(text: string, verb: string, precision: number): string {
  const hexadecimal = verb === 'x' || verb === 'X'
  const cut = text.search(hexadecimal ? /[pP]/ : /[eEpP]/)
  let digits = cut < 0 ? text : text.slice(0, cut)
  const tail = cut < 0 ? '' : text.slice(cut)
  let missing = verb === 'v' || verb === 'g' || verb === 'G' || verb === 'x' ? (precision < 0 ? 6 : precision) : 0
  let seenNonZero = false
  for (const digit of digits) {
    if (digit === '.') continue
    if (digit !== '0') seenNonZero = true
    if (seenNonZero) missing--
  }
  if (!digits.includes('.')) {
    // The lone zero counts as a digit although it is not significant.
    if (digits === '0') missing--
    digits += '.'
  }
  return digits + '0'.repeat(Math.max(missing, 0)) + tail
}
