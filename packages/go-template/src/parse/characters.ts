/** The end of the text, where a rune is expected. */
export const endOfText = -1

/** The rune at an offset; a lone surrogate counts as U+FFFD. */
export function runeAt(text: string, at: number): number {
  const rune = text.codePointAt(at)
  if (rune === undefined) return endOfText
  return rune >= 0xd800 && rune <= 0xdfff ? 0xfffd : rune
}

export function runeWidth(rune: number): number {
  return rune > 0xffff ? 2 : 1
}

/** The four characters that separate words in an action and that trim markers remove. */
export function isSpace(rune: number): boolean {
  return rune === 32 || rune === 9 || rune === 13 || rune === 10
}

export function isDigit(rune: number): boolean {
  return rune >= 48 && rune <= 57
}

/** A letter, digit or underscore of any script. */
export function isAlphaNumeric(rune: number): boolean {
  if (rune < 0x80) {
    return rune === 95 || isDigit(rune) || (rune >= 97 && rune <= 122) || (rune >= 65 && rune <= 90)
  }
  return /^[\p{L}\p{Nd}]$/u.test(String.fromCodePoint(rune))
}

/** First offset at or after `at` that is no space. */
export function skipSpaces(text: string, at: number): number {
  let end = at
  while (end < text.length && isSpace(text.charCodeAt(end))) end++
  return end
}

/** The offset behind the last character of `text[from, to)` that is no space. */
export function skipSpacesBack(text: string, from: number, to: number): number {
  let end = to
  while (end > from && isSpace(text.charCodeAt(end - 1))) end--
  return end
}
