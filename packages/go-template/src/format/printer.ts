import { limitError } from '../errors.ts'
import { maxFormattedLength } from '../limits.ts'
import { runeCount } from './bytes.ts'

/** The text built so far and the flags of the verb at hand (`%+-# 05.2v`). */
export interface Printer {
  out: string
  /** Minimum width in runes, -1 if none was given. */
  width: number
  /** -1 if none was given. */
  precision: number
  minus: boolean
  plus: boolean
  sharp: boolean
  space: boolean
  zero: boolean
  /** `%+v` and `%#v`: the flag changes the form of the whole value instead of its numbers. */
  plusV: boolean
  sharpV: boolean
  /** Inside `%!d(string=…)`, where String methods are not asked again. */
  erroring: boolean
}

export function newPrinter(): Printer {
  return {
    out: '',
    width: -1,
    precision: -1,
    minus: false,
    plus: false,
    sharp: false,
    space: false,
    zero: false,
    plusV: false,
    sharpV: false,
    erroring: false,
  }
}

export function clearFlags(p: Printer): void {
  p.width = -1
  p.precision = -1
  p.minus = false
  p.plus = false
  p.sharp = false
  p.space = false
  p.zero = false
  p.plusV = false
  p.sharpV = false
}

/** Appends; refuses to build texts that no template needs (shared lists can print exponentially large). */
export function write(p: Printer, text: string): void {
  if (p.out.length + text.length > maxFormattedLength) {
    throw limitError(`formatted text is longer than ${maxFormattedLength} characters`)
  }
  p.out += text
}

/** The fill character, zero only in front of a value. */
function fill(p: Printer, count: number): string {
  return count <= 0 ? '' : (p.zero && !p.minus ? '0' : ' ').repeat(count)
}

export function writePadding(p: Printer, count: number): void {
  write(p, fill(p, count))
}

/** Appends a text padded to the width. */
export function writePadded(p: Printer, text: string): void {
  if (p.width <= 0) {
    write(p, text)
    return
  }
  const padding = fill(p, p.width - runeCount(text))
  write(p, p.minus ? text + padding : padding + text)
}

/** As {@link writePadded}, but never with zeros: numbers have put theirs behind the sign already. */
export function writeSpacePadded(p: Printer, text: string): void {
  const zero = p.zero
  p.zero = false
  writePadded(p, text)
  p.zero = zero
}
