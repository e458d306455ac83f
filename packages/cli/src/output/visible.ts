/** Control characters but for tab and line feed, and what turns the direction of writing round. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const hidden = /[\0-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
/** Colour as `styleText` writes it. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: colour begins with one
const colour = /(\x1b\[[\d;]*m)/

/**
 * Makes visible what a terminal would obey instead of showing it: names and annotations are written by others, and must
 * not move the cursor or set the title of the reader's window.
 */
export function visible(text: string): string {
  return text.replace(hidden, (character) => {
    const code = character.charCodeAt(0)
    return code < 256 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`
  })
}

/** The same for a text that has been painted already: colour stays. */
export function visiblePainted(text: string): string {
  return text
    .split(colour)
    .map((part, index) => (index % 2 === 1 ? part : visible(part)))
    .join('')
}
