import { joinTexts } from './bounds.ts'

/** `strings.Split` and `strings.SplitN`, which divide at every rune when the separator is empty. */

export function splitText(text: string, separator: string): string[] {
  return separator === '' ? Array.from(text) : text.split(separator)
}

/** At most `limit` parts, the last one holding the rest; all parts if it is negative, none if it is 0. */
export function splitTextN(text: string, separator: string, limit: bigint): string[] {
  if (limit === 0n) return []
  const parts = splitText(text, separator)
  if (limit < 0n || BigInt(parts.length) <= limit) return parts
  const kept = Number(limit) - 1
  return [...parts.slice(0, kept), parts.slice(kept).join(separator)]
}

/** `strings.Replace(text, old, replacement, -1)`: an empty `old` matches before every rune and at the end. */
export function replaceText(text: string, old: string, replacement: string): string {
  if (old !== '') return joinTexts(text.split(old), replacement)
  return joinTexts(['', ...splitText(text, ''), ''], replacement)
}

/** `strings.Trim`: removes the runes of `cutset` from both ends. */
export function trimRunes(text: string, cutset: string): string {
  const cut = new Set(cutset)
  const runes = Array.from(text)
  let start = 0
  let end = runes.length
  while (start < end && cut.has(runes[start] ?? '')) start++
  while (end > start && cut.has(runes[end - 1] ?? '')) end--
  return runes.slice(start, end).join('')
}
