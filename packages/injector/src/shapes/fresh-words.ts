import type { Configuration } from '../config/types.ts'
import { ANNOTATION, CONTAINER, ENV, LABEL, SIDECAR_TEMPLATE } from '../names.ts'

const PIECE = 4
/** Bits of the table of pieces; a configuration has some ten thousand pieces. */
const TABLE = 1 << 20

/**
 * Tells whether a text stands nowhere in a configuration. Whatever the injection compares
 * such a word with, it is not equal, nor a part of it.
 */
export function freshWords(configuration: Configuration): (word: string) => boolean {
  const text = everythingIn(configuration)
  const table = new Uint8Array(TABLE >> 3)
  for (let at = 0; at + PIECE <= text.length; at++) {
    const bit = pieceAt(text, at)
    table[bit >> 3] = (table[bit >> 3] ?? 0) | (1 << (bit & 7))
  }
  return (word) => {
    // A word with a piece that the text lacks is not in the text: nearly always the first look tells.
    for (let at = 0; at + PIECE <= word.length; at++) {
      const bit = pieceAt(word, at)
      if (((table[bit >> 3] ?? 0) & (1 << (bit & 7))) === 0) return true
    }
    return !text.includes(word)
  }
}

function pieceAt(text: string, at: number): number {
  let hash = 0
  for (let i = at; i < at + PIECE; i++) hash = Math.imul(hash, 31) + text.charCodeAt(i)
  return hash & (TABLE - 1)
}

function everythingIn(configuration: Configuration): string {
  const { templates, values, mesh, proxyConfigs, injectedAnnotations, revision, aliases, defaultTemplates } =
    configuration
  return [
    ...[...templates.values()].flatMap(({ name, text }) => [name, text]),
    JSON.stringify([values, mesh, proxyConfigs, injectedAnnotations, revision, [...aliases], defaultTemplates]),
    JSON.stringify([LABEL, ANNOTATION, CONTAINER, ENV, SIDECAR_TEMPLATE]),
  ].join('\n')
}
