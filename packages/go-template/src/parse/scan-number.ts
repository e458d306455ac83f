import { isAlphaNumeric, runeAt, runeWidth } from './characters.ts'

/**
 * The extent of a number: sign, base prefix, digits with underscores, fraction, exponent, imaginary `i`.
 * Only the shape is checked here; whether the digits make a number is decided when it is read.
 */
export function scanNumber(text: string, start: number): { ok: boolean; end: number } {
  let at = start
  const accept = (valid: string): boolean => {
    const char = text[at]
    if (char === undefined || !valid.includes(char)) return false
    at++
    return true
  }
  const acceptRun = (valid: string): void => {
    while (accept(valid)) {}
  }
  accept('+-')
  let digits = '0123456789_'
  let exponent = 'eE'
  if (accept('0')) {
    if (accept('xX')) {
      digits = '0123456789abcdefABCDEF_'
      exponent = 'pP'
    } else if (accept('oO')) {
      digits = '01234567_'
      exponent = ''
    } else if (accept('bB')) {
      digits = '01_'
      exponent = ''
    }
  }
  acceptRun(digits)
  if (accept('.')) acceptRun(digits)
  if (accept(exponent)) {
    accept('+-')
    acceptRun('0123456789_')
  }
  accept('i')
  const next = runeAt(text, at)
  return isAlphaNumeric(next) ? { ok: false, end: at + runeWidth(next) } : { ok: true, end: at }
}
