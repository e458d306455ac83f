/** `snakecase`, `kebabcase` and `camelcase`, with words as huandu/xstrings divides text into them. */
import { isLetter, isNumber, isPunct, isSpace, isUpper, toLowerRune, toUpperRune } from './runes.ts'

type WordKind = 'upper' | 'alphabet' | 'number' | 'connector' | 'punctuation' | 'other' | 'invalid'

interface Word {
  readonly kind: WordKind
  readonly runes: readonly string[]
}

const end: Word = { kind: 'invalid', runes: [] }
const replacement = '\ufffd'

const isConnector = (rune: string) => rune === '-' || rune === '_' || isSpace(rune)

/** Letters but for the CJK ideographs, which xstrings leaves out by these ranges. */
function isAlphabet(rune: string): boolean {
  const code = rune.codePointAt(0) ?? 0
  const ideograph =
    (code >= 0x4e00 && code <= 0x9fcc) || (code >= 0x3400 && code <= 0x4d85) || (code >= 0x20000 && code <= 0x2b81d)
  return !ideograph && isLetter(rune)
}

/** Lower-case words with `connector` between them. */
export function joinWords(text: string, connector: '_' | '-'): string {
  const words = splitWords(Array.from(text))
  const out: string[] = []
  let at = 0
  const word = () => words[at] ?? end
  const emit = (emitted: Word) => out.push(lowered(emitted, connector))
  const emitRun = () => {
    for (; word().kind === 'alphabet' || word().kind === 'number'; at++) emit(word())
  }
  const connectUnless = (...kinds: WordKind[]) => {
    if (!kinds.includes(word().kind)) out.push(connector)
  }
  while (at < words.length - 1) {
    const previous = word()
    if (previous.kind !== 'connector') emit(previous)
    at++
    if (previous.kind === 'connector') emit(previous)
    else if (previous.kind === 'number') {
      emitRun()
      connectUnless('invalid', 'punctuation', 'connector')
    } else if (previous.kind === 'punctuation') continue
    else if (word().kind !== 'number') connectUnless('connector', 'punctuation')
    else if (at < words.length - 1) {
      const number = word()
      at++
      // A number belongs to the word before it (`bld4_floor`), unless lower-case letters follow it (`http_2xx`).
      if (word().kind === 'alphabet') {
        out.push(connector)
        emit(number)
        emitRun()
        connectUnless('invalid', 'connector', 'punctuation')
      } else {
        emit(number)
        connectUnless('connector', 'punctuation')
      }
    }
  }
  emit(word())
  return out.join('')
}

function lowered(word: Word, connector: string): string {
  if (word.kind !== 'upper' && word.kind !== 'connector') return word.runes.join('')
  return word.runes.map((rune) => (isConnector(rune) ? connector : isUpper(rune) ? toLowerRune(rune) : rune)).join('')
}

function splitWords(runes: readonly string[]): readonly Word[] {
  const words: Word[] = []
  for (let start = 0; start < runes.length; ) {
    const { kind, next } = scanWord(runes, start)
    words.push({ kind, runes: runes.slice(start, next) })
    start = next
  }
  return words
}

function scanWord(runes: readonly string[], start: number): { kind: WordKind; next: number } {
  const { rune, next } = nextValid(runes, start, replacement)
  if (rune === replacement) return { kind: 'invalid', next }
  if (isConnector(rune)) return { kind: 'connector', next: skip(runes, next, rune, isConnector) }
  if (isPunct(rune)) return { kind: 'punctuation', next: skip(runes, next, rune, isPunct) }
  if (isUpper(rune)) return { kind: 'upper', next: upperWordEnd(runes, next, rune) }
  if (isAlphabet(rune)) return { kind: 'alphabet', next: skip(runes, next, rune, isLowerAlphabet) }
  if (isNumber(rune)) return { kind: 'number', next: skip(runes, next, rune, isNumber) }
  return { kind: 'other', next: skip(runes, next, rune, isOther) }
}

const isLowerAlphabet = (rune: string) => isAlphabet(rune) && !isUpper(rune)
const isOther = (rune: string) => !isConnector(rune) && !isAlphabet(rune) && !isNumber(rune) && !isPunct(rune)

/** After an upper-case letter: lower-case ones (`First`), or further upper-case ones (`HTTP` of `HTTPServer`). */
function upperWordEnd(runes: readonly string[], start: number, first: string): number {
  if (start >= runes.length) return start
  const { rune, next } = nextValid(runes, start, first)
  if (!isUpper(rune)) return isAlphabet(rune) ? skip(runes, next, rune, isLowerAlphabet) : start
  let position = next
  let lastStart = start
  while (position < runes.length) {
    const following = nextValid(runes, position, rune)
    if (!isUpper(following.rune)) return isAlphabet(following.rune) ? lastStart : position
    lastStart = position
    position = following.next
  }
  return position
}

function skip(runes: readonly string[], start: number, first: string, accepts: (rune: string) => boolean): number {
  let position = start
  let previous = first
  while (position < runes.length) {
    const { rune, next } = nextValid(runes, position, previous)
    if (!accepts(rune)) break
    position = next
    previous = rune
  }
  return position
}

/** The next rune that is not U+FFFD, those before it included; `previous` again if only such runes are left. */
function nextValid(runes: readonly string[], start: number, previous: string): { rune: string; next: number } {
  let i = start
  while (i < runes.length && runes[i] === replacement) i++
  const rune = runes[i]
  return rune === undefined ? { rune: previous, next: i } : { rune, next: i + 1 }
}

/** `camelcase`, which is upper camel case; connectors at the start and doubled ones stay. */
export function toPascalCase(text: string): string {
  const runes = Array.from(text)
  const lead = runes.findIndex((rune) => !isConnector(rune))
  // Text of connectors only comes back with its last one doubled: xstrings' bug, kept.
  if (lead < 0) return text + (runes.at(-1) ?? '')
  const out = runes.slice(0, lead)
  const first = runes[lead] ?? ''
  let inUpperRun = isUpper(first)
  let held = toUpperRune(first)
  for (const rune of runes.slice(lead + 1)) {
    if (isConnector(held) && !isConnector(rune)) {
      inUpperRun = isUpper(rune)
      held = toUpperRune(rune)
      continue
    }
    out.push(held)
    if (!isConnector(held) && inUpperRun) inUpperRun = isUpper(rune)
    held = !isConnector(held) && inUpperRun ? toLowerRune(rune) : rune
  }
  out.push(held)
  return out.join('')
}
