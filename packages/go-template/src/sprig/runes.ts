/**
 * Character classes and case as Go's `unicode` package has them. JavaScript's own case conversion uses Unicode's full
 * mappings (`ß` becomes `SS`); Go maps one code point to one code point.
 */

const space = /^[\p{White_Space}]$/u
const upper = /^\p{Lu}$/u
const lower = /^\p{Ll}$/u
const title = /^\p{Lt}$/u
const letter = /^\p{L}$/u
const digit = /^\p{Nd}$/u
const numeric = /^\p{N}$/u
const punctuation = /^\p{P}$/u

export const isSpace = (rune: string) => space.test(rune)
export const isUpper = (rune: string) => upper.test(rune)
export const isLower = (rune: string) => lower.test(rune)
export const isTitle = (rune: string) => title.test(rune)
export const isLetter = (rune: string) => letter.test(rune)
export const isDigit = (rune: string) => digit.test(rune)
export const isNumber = (rune: string) => numeric.test(rune)
export const isPunct = (rune: string) => punctuation.test(rune)

/** The letters whose titlecase is not their uppercase: the four digraphs; and Georgian, which has no titlecase. */
const digraphTitles = ['Ǆǅǆ', 'Ǉǈǉ', 'Ǌǋǌ', 'Ǳǲǳ']

export function toUpperRune(rune: string): string {
  const mapped = rune.toUpperCase()
  if (isOneRune(mapped)) return mapped
  return greekWithIota(rune) ?? rune
}

export function toLowerRune(rune: string): string {
  // The one letter whose full lowercase is two code points and whose simple one is not itself.
  if (rune === '\u0130') return 'i'
  const mapped = rune.toLowerCase()
  return isOneRune(mapped) ? mapped : rune
}

export function toTitleRune(rune: string): string {
  const digraph = digraphTitles.find((forms) => forms.includes(rune))
  if (digraph !== undefined) return digraph.charAt(1)
  if (rune >= '\u10d0' && rune <= '\u10ff' && rune.length === 1) return rune
  return toUpperRune(rune)
}

/** `strings.ToUpper` */
export function toUpper(text: string): string {
  return mapRunes(text, toUpperRune)
}

/** `strings.ToLower` */
export function toLower(text: string): string {
  return mapRunes(text, toLowerRune)
}

/** `strings.TrimSpace` */
export function trimSpace(text: string): string {
  // All white space is in the basic plane, so code units do. A regular expression would backtrack over inner runs.
  let start = 0
  let end = text.length
  while (start < end && isSpace(text.charAt(start))) start++
  while (end > start && isSpace(text.charAt(end - 1))) end--
  return text.slice(start, end)
}

/** `strings.Map`: a byte that is not UTF-8, spelled as a lone surrogate (see format/bytes.ts), comes out as U+FFFD. */
export function mapRunes(text: string, map: (rune: string) => string): string {
  return Array.from(text, (rune) => map(/[\ud800-\udfff]/u.test(rune) ? '\ufffd' : rune)).join('')
}

function isOneRune(text: string): boolean {
  return text.length === (text.charCodeAt(0) >= 0xd800 && text.charCodeAt(0) <= 0xdbff ? 2 : 1)
}

/** Greek vowels with a subscript iota: their simple uppercase is the prescript form, the full one two letters. */
function greekWithIota(rune: string): string | undefined {
  const code = rune.codePointAt(0) ?? 0
  if (code >= 0x1f80 && code <= 0x1faf) return String.fromCodePoint(code | 8)
  if (code === 0x1fb3 || code === 0x1fc3 || code === 0x1ff3) return String.fromCodePoint(code + 9)
  return undefined
}
