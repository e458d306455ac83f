import { isAscii, toBytes } from './bytes.ts'
import { type Printer, write, writePadded, writePadding } from './printer.ts'
import { canBackquote, goQuote, goQuoteAscii } from './quote.ts'

/** Prints a string; false if the verb is not one for strings. */
export function printString(p: Printer, text: string, verb: string): boolean {
  switch (verb) {
    case 'v':
      if (p.sharpV) writeQuoted(p, text)
      else writePadded(p, truncate(p, text))
      return true
    case 's':
      writePadded(p, truncate(p, text))
      return true
    case 'q':
      writeQuoted(p, text)
      return true
    case 'x':
    case 'X':
      writeHexBytes(p, text, verb)
      return true
    default:
      return false
  }
}

/** The precision of a text counts runes. */
export function truncate(p: Printer, text: string): string {
  if (p.precision < 0 || p.precision >= text.length) return text
  if (isAscii(text)) return text.slice(0, p.precision)
  let end = 0
  for (let runes = 0; runes < p.precision && end < text.length; runes++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1
  }
  return text.slice(0, end)
}

function writeQuoted(p: Printer, text: string): void {
  const cut = truncate(p, text)
  if (p.sharp && canBackquote(cut)) writePadded(p, `\`${cut}\``)
  else writePadded(p, p.plus ? goQuoteAscii(cut) : goQuote(cut))
}

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'))

/** `%x` of a text: its bytes; with `#` prefixed, with a space apart, and the precision counts bytes. */
function writeHexBytes(p: Printer, text: string, verb: 'x' | 'X'): void {
  const all = toBytes(text)
  const bytes = p.precision >= 0 ? all.subarray(0, p.precision) : all
  if (bytes.length === 0) {
    writePadding(p, p.width)
    return
  }
  const prefix = p.sharp ? '0x' : ''
  const separator = p.space ? ` ${prefix}` : ''
  let out = prefix
  for (let i = 0; i < bytes.length; i++) out += (i > 0 ? separator : '') + (hexPairs[bytes[i] ?? 0] ?? '')
  if (verb === 'X') out = out.toUpperCase()
  const padding = p.width - out.length
  if (!p.minus) writePadding(p, padding)
  write(p, out)
  if (p.minus) writePadding(p, padding)
}
