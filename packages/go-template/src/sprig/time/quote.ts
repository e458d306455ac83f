import { toBytes } from '../../format/bytes.ts'

/** How package `time` quotes text in its errors: not as `%q` does, but every byte outside ASCII by itself. */
export function quoteForTime(text: string): string {
  const parts = Array.from(toBytes(text), (byte) => {
    const character = String.fromCharCode(byte)
    if (byte >= 0x80 || byte < 0x20) return `\\x${byte.toString(16).padStart(2, '0')}`
    return character === '"' || character === '\\' ? `\\${character}` : character
  })
  return `"${parts.join('')}"`
}
