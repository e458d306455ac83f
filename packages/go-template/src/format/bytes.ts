/*
 * Go's strings are bytes, JavaScript's are UTF-16. Here a byte that is not part of valid UTF-8 is kept as the lone
 * surrogate U+DC00 + byte (0x80–0xFF), so that `"\xff"` or half a character cut off by `slice` survive until the
 * other half is put beside them. Any other lone surrogate counts as U+FFFD, which is what Go's JSON reader makes of it.
 */

/** The rune Go sees for an invalid byte. */
const replacement = 0xfffd

/** True if no character is above U+007F, so that bytes and UTF-16 units agree. */
export function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 0x7f) return false
  return true
}

/** Length in bytes of UTF-8. */
export function byteLength(text: string): number {
  let bytes = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) continue
    if (unit < 0x800) bytes += 1
    else if (unit < 0xd800 || unit > 0xdfff) bytes += 2
    else if (isPair(text, i)) {
      bytes += 2
      i++
    } else bytes += isRawByte(unit) ? 0 : 2
  }
  return bytes
}

/** The byte a lone surrogate stands for? */
export function isRawByte(unit: number): boolean {
  return unit >= 0xdc80 && unit <= 0xdcff
}

function isPair(text: string, at: number): boolean {
  const high = text.charCodeAt(at)
  if (high < 0xd800 || high > 0xdbff) return false
  const low = text.charCodeAt(at + 1)
  return low >= 0xdc00 && low <= 0xdfff
}

/** The text as bytes of UTF-8. */
export function toBytes(text: string): Uint8Array {
  const out = new Uint8Array(byteLength(text))
  let n = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x80) out[n++] = unit
    else if (isRawByte(unit)) out[n++] = unit - 0xdc00
    else {
      let rune = unit
      if (isPair(text, i)) rune = text.codePointAt(i++) ?? replacement
      else if (unit >= 0xd800 && unit <= 0xdfff) rune = replacement
      n = putRune(out, n, rune)
    }
  }
  return out
}

function putRune(out: Uint8Array, at: number, rune: number): number {
  let n = at
  if (rune < 0x800) out[n++] = 0xc0 | (rune >> 6)
  else {
    if (rune < 0x10000) out[n++] = 0xe0 | (rune >> 12)
    else {
      out[n++] = 0xf0 | (rune >> 18)
      out[n++] = 0x80 | ((rune >> 12) & 0x3f)
    }
    out[n++] = 0x80 | ((rune >> 6) & 0x3f)
  }
  out[n++] = 0x80 | (rune & 0x3f)
  return n
}

/** Text from bytes of UTF-8; invalid bytes become lone surrogates (see above). */
export function fromBytes(bytes: ArrayLike<number>, start = 0, end: number = bytes.length): string {
  let out = ''
  let chunk: number[] = []
  for (let i = start; i < end; ) {
    const first = bytes[i] ?? 0
    const size = sequenceLength(bytes, i, end)
    if (size === 0) {
      chunk.push(0xdc00 + first)
      i++
    } else {
      pushRune(chunk, decodeRune(bytes, i, size))
      i += size
    }
    if (chunk.length >= 4096) {
      out += String.fromCharCode(...chunk)
      chunk = []
    }
  }
  return out + String.fromCharCode(...chunk)
}

function pushRune(units: number[], rune: number): void {
  if (rune < 0x10000) units.push(rune)
  else units.push(0xd7c0 + (rune >> 10), 0xdc00 + (rune & 0x3ff))
}

/** Length of the valid UTF-8 sequence at an offset, 0 if there is none. */
function sequenceLength(bytes: ArrayLike<number>, at: number, end: number): number {
  const first = bytes[at] ?? 0
  if (first < 0x80) return 1
  const size =
    first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0
  if (size === 0 || at + size > end) return 0
  for (let i = 1; i < size; i++) if (((bytes[at + i] ?? 0) & 0xc0) !== 0x80) return 0
  const second = bytes[at + 1] ?? 0
  // Overlong forms, surrogates and what lies beyond U+10FFFF are no characters.
  if (first === 0xe0 && second < 0xa0) return 0
  if (first === 0xed && second > 0x9f) return 0
  if (first === 0xf0 && second < 0x90) return 0
  if (first === 0xf4 && second > 0x8f) return 0
  return size
}

function decodeRune(bytes: ArrayLike<number>, at: number, size: number): number {
  const first = bytes[at] ?? 0
  if (size === 1) return first
  let rune = first & (0xff >> (size + 1))
  for (let i = 1; i < size; i++) rune = (rune << 6) | ((bytes[at + i] ?? 0) & 0x3f)
  return rune
}

/** Joins halves of characters that ended up side by side: `"\xe2\x82"` and `"\xac"` make `€`. */
export function joinBytes(text: string): string {
  return text.isWellFormed() ? text : fromBytes(toBytes(text))
}

/** Number of runes, each invalid byte counting as one, as `utf8.RuneCountInString`. */
export function runeCount(text: string): number {
  let count = text.length
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit >= 0xd800 && unit <= 0xdbff && isPair(text, i)) {
      count--
      i++
    }
  }
  return count
}

/** The part of a text between two byte offsets, as Go's `s[from:to]`. */
export function byteSlice(text: string, from: number, to: number): string {
  if (isAscii(text)) return text.slice(from, to)
  return fromBytes(toBytes(text), from, to)
}
