const DIGIT = /[A-Za-z0-9+/]/
const QUANTUM = 4

/**
 * Why a text is no base64, in Go's words (encoding/base64, StdEncoding): a whole number of groups of four, padded; line
 * ends do not count.
 */
export function base64Problem(text: string): string | undefined {
  // Nearly every text is good, and then this is all.
  if (text.length % QUANTUM === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(text)) return undefined
  const at = illegalByte(text)
  return at === undefined ? undefined : `illegal base64 data at input byte ${at}`
}

function illegalByte(text: string): number | undefined {
  let inGroup = 0
  for (let index = 0; index < text.length; index++) {
    const char = text[index] ?? ''
    if (char === '\n' || char === '\r') continue
    if (char === '=') return badPadding(text, index, inGroup)
    if (!DIGIT.test(char)) return index
    inGroup = (inGroup + 1) % QUANTUM
  }
  return inGroup === 0 ? undefined : text.length - inGroup
}

/** The first `=` stands for the third or fourth digit of the last group. */
function badPadding(text: string, index: number, inGroup: number): number | undefined {
  if (inGroup < 2) return index
  let next = skipLineEnds(text, index + 1)
  if (inGroup === 2) {
    if (next === text.length) return text.length
    if (text[next] !== '=') return next - 1
    next = skipLineEnds(text, next + 1)
  }
  return next < text.length ? next : undefined
}

function skipLineEnds(text: string, from: number): number {
  let index = from
  while (text[index] === '\n' || text[index] === '\r') index++
  return index
}
