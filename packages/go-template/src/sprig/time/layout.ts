/** Go's layouts: the reference time Mon Jan 2 15:04:05 MST 2006 written in the wanted form. */

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]

export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

interface LayoutPart {
  /** `literal`: the text stands for itself. `element`: for the part of a time it shows. */
  readonly kind: 'literal' | 'element'
  readonly text: string
}

// Longer spellings first. `Jan` in `January`, `Mon` in `Month` are no elements, nor is `_2` in `_2006`.
const element =
  /January|Jan(?![a-z])|Monday|Mon(?![a-z])|MST|002|0[1-6]|15|1|2006|__2|_2(?!006)|2|3|4|5|PM|pm|[-Z]07(?:0000|:00:00|00|:00|)|[.,](?:0+|9+)(?![0-9])/g

export function splitLayout(layout: string): readonly LayoutPart[] {
  const parts: LayoutPart[] = []
  let at = 0
  for (const match of layout.matchAll(element)) {
    if (match.index > at) parts.push({ kind: 'literal', text: layout.slice(at, match.index) })
    parts.push({ kind: 'element', text: match[0] })
    at = match.index + match[0].length
  }
  if (at < layout.length) parts.push({ kind: 'literal', text: layout.slice(at) })
  return parts
}
