import { fillShape, type Shape } from './shape.ts'

/** In front of the number of a word. No Pod and no configuration with this text in it is ever made into a pattern. */
export const MARK = 'qzxkw'
const MARKED = /qzxkw([a-z])([a-z])[yz]/
/** The mark of any word and nothing else. */
export const WHOLE_MARK = /^qzxkw[a-z][a-z][yz]$/
/** The mark of a plain word and nothing else. */
export const PLAIN_MARK = /^qzxkw[a-z][a-z]z$/
/** Where the mark of an opaque word stands. */
export const OPAQUE_MARK = /qzxkw[a-z][a-z]y/
const LETTERS = 26

/** A text with places for words. */
export interface Pattern {
  /** What stands between the words, one more than there are words. */
  readonly texts: readonly string[]
  /** The number of the word after each text. */
  readonly numbers: readonly number[]
}

/** What stands for a word: plain, and found again wherever it went. */
export function markOf(number: number, opaque: boolean): string {
  const letter = (value: number): string => String.fromCharCode(0x61 + value)
  return `${MARK}${letter(Math.floor(number / LETTERS))}${letter(number % LETTERS)}${opaque ? 'y' : 'z'}`
}

/** The request of a shape with marks in its holes, as JSON. */
export function markedRequest({ key }: Shape): string {
  return fillShape(key, markOf)
}

/** Takes a text apart at its marks. */
export function patternOf(text: string): Pattern {
  const texts: string[] = []
  const numbers: number[] = []
  const parts = text.split(MARKED)
  for (let i = 0; i < parts.length; i += 3) {
    texts.push(parts[i] ?? '')
    const [high, low] = [parts[i + 1], parts[i + 2]]
    if (high !== undefined && low !== undefined) {
      numbers.push((high.charCodeAt(0) - 0x61) * LETTERS + low.charCodeAt(0) - 0x61)
    }
  }
  return { texts, numbers }
}

export function fillPattern({ texts, numbers }: Pattern, words: readonly (string | undefined)[]): string {
  let text = texts[0] ?? ''
  for (let i = 0; i < numbers.length; i++) text += (words[numbers[i] ?? 0] ?? '') + (texts[i + 1] ?? '')
  return text
}
