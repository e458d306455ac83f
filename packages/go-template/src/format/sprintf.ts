import { goKind, type Value } from '../value.ts'
import { joinBytes } from './bytes.ts'
import { printArgument } from './print-value.ts'
import { clearFlags, newPrinter, type Printer, write } from './printer.ts'
import { goTypeName } from './type-name.ts'

/** Go's own bound for widths, precisions and argument numbers. */
const maxNumber = 1_000_000

/** Reading position in the format and among the arguments. */
interface Scan {
  readonly format: string
  readonly args: readonly Value[]
  at: number
  next: number
  /** An index like `[2]` was just read, so no width may follow. */
  afterIndex: boolean
  goodIndex: boolean
  /** Some index was used: then arguments left over are nobody's mistake. */
  reordered: boolean
}

/**
 * `fmt.Sprintf`: all verbs and flags, widths and precisions (also `*`), argument indexes; mistakes show up in the
 * text as Go writes them (`%!d(string=x)`, `%!s(MISSING)`, `%!(EXTRA int=1)`).
 * Throws a TemplateError of phase `limit` if the text would pass 16 Mi characters.
 */
export function goSprintf(format: string, args: readonly Value[]): string {
  const p = newPrinter()
  const scan: Scan = { format, args, at: 0, next: 0, afterIndex: false, goodIndex: true, reordered: false }
  const end = format.length
  while (scan.at < end) {
    const percent = format.indexOf('%', scan.at)
    write(p, format.slice(scan.at, percent < 0 ? end : percent))
    if (percent < 0) break
    scan.at = percent + 1
    scan.goodIndex = true
    clearFlags(p)
    readFlags(p, scan)
    readWidth(p, scan)
    readPrecision(p, scan)
    if (!scan.afterIndex) readIndex(scan)
    if (scan.at >= end) {
      write(p, '%!(NOVERB)')
      break
    }
    printVerb(p, scan)
  }
  if (!scan.reordered && scan.next < args.length) printExtra(p, args.slice(scan.next))
  return joinBytes(p.out)
}

function readFlags(p: Printer, scan: Scan): void {
  for (; scan.at < scan.format.length; scan.at++) {
    switch (scan.format[scan.at]) {
      case '#':
        p.sharp = true
        break
      case '0':
        p.zero = true
        break
      case '+':
        p.plus = true
        break
      case '-':
        p.minus = true
        break
      case ' ':
        p.space = true
        break
      default:
        scan.afterIndex = false
        return
    }
  }
  scan.afterIndex = false
}

/** A decimal number at the reading position; -1 if there is none. An absurd one swallows the rest of the format. */
function readNumber(scan: Scan, end: number): number {
  let value = -1
  for (; scan.at < end; scan.at++) {
    const digit = scan.format.charCodeAt(scan.at) - 48
    if (digit < 0 || digit > 9) break
    if (value > maxNumber) {
      scan.at = end
      return -1
    }
    value = Math.max(value, 0) * 10 + digit
  }
  return value
}

/** `[n]`: the argument to take next, counted from one. */
function readIndex(scan: Scan): void {
  scan.afterIndex = false
  if (scan.format[scan.at] !== '[') return
  scan.reordered = true
  const close = scan.format.length - scan.at < 3 ? -1 : scan.format.indexOf(']', scan.at + 1)
  if (close < 0) {
    scan.at++
    scan.goodIndex = false
    return
  }
  scan.at++
  const number = readNumber(scan, close)
  const wellFormed = number >= 0 && scan.at === close
  scan.at = close + 1
  scan.afterIndex = wellFormed
  if (wellFormed && number >= 1 && number <= scan.args.length) scan.next = number - 1
  else scan.goodIndex = false
}

/** The integer argument that `*` takes; undefined if the next argument is none. */
function readStar(scan: Scan): number | undefined {
  scan.at++
  scan.afterIndex = false
  if (scan.next >= scan.args.length) return undefined
  const value = scan.args[scan.next++]
  const integer =
    typeof value === 'bigint'
      ? value
      : typeof value === 'object' && value !== null && goKind in value && value[goKind] === 'integer'
        ? value.value
        : undefined
  if (integer === undefined || integer > maxNumber || integer < -maxNumber) return undefined
  return Number(integer)
}

function readWidth(p: Printer, scan: Scan): void {
  readIndex(scan)
  if (scan.format[scan.at] !== '*') {
    const indexed = scan.afterIndex
    p.width = readNumber(scan, scan.format.length)
    if (indexed && p.width >= 0) scan.goodIndex = false
    return
  }
  const width = readStar(scan)
  if (width === undefined) write(p, '%!(BADWIDTH)')
  else if (width < 0) {
    p.width = -width
    p.minus = true
    // No zeros to the right of a number.
    p.zero = false
  } else p.width = width
}

function readPrecision(p: Printer, scan: Scan): void {
  // A point that ends the format is left to be reported as the verb it is not.
  if (scan.at + 1 >= scan.format.length || scan.format[scan.at] !== '.') return
  scan.at++
  if (scan.afterIndex) scan.goodIndex = false
  readIndex(scan)
  if (scan.format[scan.at] !== '*') {
    p.precision = Math.max(readNumber(scan, scan.format.length), 0)
    return
  }
  const precision = readStar(scan)
  if (precision === undefined || precision < 0) write(p, '%!(BADPREC)')
  else p.precision = precision
}

function printVerb(p: Printer, scan: Scan): void {
  const code = scan.format.codePointAt(scan.at) ?? 0
  const verb = code >= 0xd800 && code <= 0xdfff ? '\ufffd' : String.fromCodePoint(code)
  scan.at += code > 0xffff ? 2 : 1
  if (verb === '%') {
    write(p, '%')
    return
  }
  if (!scan.goodIndex) {
    write(p, `%!${verb}(BADINDEX)`)
    return
  }
  if (scan.next >= scan.args.length) {
    write(p, `%!${verb}(MISSING)`)
    return
  }
  if (verb === 'v' || verb === 'w') {
    p.sharpV = p.sharp
    p.sharp = false
    p.plusV = p.plus
    p.plus = false
  }
  printArgument(p, scan.args[scan.next++], verb)
}

function printExtra(p: Printer, extra: readonly Value[]): void {
  clearFlags(p)
  write(p, '%!(EXTRA ')
  extra.forEach((value, i) => {
    if (i > 0) write(p, ', ')
    if (value === null || value === undefined) {
      write(p, '<nil>')
      return
    }
    write(p, `${goTypeName(value)}=`)
    printArgument(p, value, 'v')
  })
  write(p, ')')
}
