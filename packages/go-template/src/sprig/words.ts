/** The byte-wise and word-wise string functions sprig takes from Masterminds/goutils. */
import { fromBytes, toBytes } from '../format/bytes.ts'
import { checkCharacters } from './bounds.ts'
import { isLower, isSpace, isTitle, isUpper, mapRunes, toLowerRune, toTitleRune, toUpperRune } from './runes.ts'

const ellipsis = '...'

/**
 * At most `width` bytes of `text`, cut with dots. `offset` is how many bytes to leave out on the left.
 * The caller has excluded the widths for which goutils has no answer.
 */
export function abbreviate(text: string, offset: number, width: number): string {
  const bytes = toBytes(text)
  if (bytes.length <= width) return text
  const room = width - ellipsis.length
  const start = Math.min(offset, bytes.length, bytes.length - room)
  if (start <= 4) return fromBytes(bytes, 0, room) + ellipsis
  // goutils refuses this combination, and sprig drops the error.
  if (width < 7) return ''
  if (start + room >= bytes.length) return ellipsis + fromBytes(bytes, bytes.length - room)
  return ellipsis + fromBytes(bytes, start, start + room - ellipsis.length) + ellipsis
}

// goutils looks at one byte as if it were a code point: in UTF-8 text, continuation bytes 0x85 and 0xa0 are spaces to it.
const isSpaceByte = (byte: number) => (byte >= 9 && byte <= 13) || byte === 0x20 || byte === 0x85 || byte === 0xa0

/** `nospace`. If anything is removed, the other non-ASCII bytes come out as Latin-1 characters: goutils' bug, kept. */
export function deleteWhiteSpace(text: string): string {
  const bytes = toBytes(text)
  const kept = bytes.filter((byte) => !isSpaceByte(byte))
  return kept.length === bytes.length ? text : latin1(kept)
}

/** `initials`, again byte by byte. */
export function initials(text: string): string {
  const bytes = toBytes(text)
  return latin1(bytes.filter((byte, i) => !isSpaceByte(byte) && (i === 0 || isSpaceByte(bytes[i - 1] ?? 0))))
}

function latin1(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')
}

/** `untitle`: the first letter of each word in lower case. */
export function uncapitalize(text: string): string {
  let atStart = true
  return mapRunes(text, (rune) => {
    const wasAtStart = atStart
    atStart = isSpace(rune)
    return wasAtStart && !atStart ? toLowerRune(rune) : rune
  })
}

/** `swapcase`: lower-case letters at the start of a word become title case, all others swap. */
export function swapCase(text: string): string {
  let afterSpace = true
  return mapRunes(text, (rune) => {
    const wasAfterSpace = afterSpace
    if (isUpper(rune) || isTitle(rune)) {
      afterSpace = false
      return toLowerRune(rune)
    }
    if (isLower(rune)) {
      afterSpace = false
      return wasAfterSpace ? toTitleRune(rune) : toUpperRune(rune)
    }
    afterSpace = isSpace(rune)
    return rune
  })
}

/** `strings.Title`: the first letter of each word in title case, words being runs of letters, digits and `_`. */
export function titleWords(text: string): string {
  let previous = ' '
  return mapRunes(text, (rune) => {
    const starts = isSeparator(previous)
    previous = rune
    return starts ? toTitleRune(rune) : rune
  })
}

function isSeparator(rune: string): boolean {
  // Outside ASCII only white space separates, whatever else is neither letter nor digit.
  return rune <= '\x7f' ? !/[0-9A-Za-z_]/.test(rune) : isSpace(rune)
}

/** `wrap` and `wrapWith`: lines of at most `width` bytes, broken at spaces, and inside words only if `breakWords`. */
export function wrapLines(text: string, width: number, separator: string, breakWords: boolean): string {
  const bytes = toBytes(text)
  const newLine = toBytes(separator === '' ? '\n' : separator)
  const limit = Math.max(width, 1)
  const out: number[] = []
  // At most one line break for every line, and a line takes at least one byte and the space it is broken at.
  checkCharacters(bytes.length + newLine.length * Math.ceil(bytes.length / limit))
  let offset = 0
  while (bytes.length - offset > limit) {
    if (bytes[offset] === 0x20) {
      offset++
      continue
    }
    const end = lineEnd(bytes, offset, limit, breakWords)
    for (let i = offset; i < end; i++) out.push(bytes[i] ?? 0)
    offset = end
    // goutils writes no line break after a long last word that it will not break.
    if (end === bytes.length) break
    for (const byte of newLine) out.push(byte)
    if (bytes[end] === 0x20) offset++
  }
  for (let i = offset; i < bytes.length; i++) out.push(bytes[i] ?? 0)
  return fromBytes(out)
}

function lineEnd(bytes: Uint8Array, offset: number, limit: number, breakWords: boolean): number {
  const blank = bytes.subarray(offset, offset + limit + 1).lastIndexOf(0x20)
  if (blank >= 0) return offset + blank
  if (breakWords) return offset + limit
  const next = bytes.indexOf(0x20, offset + limit)
  return next < 0 ? bytes.length : next
}
