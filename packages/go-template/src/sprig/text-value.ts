/** How sprig turns values into text. */
import { goSprint } from '../format/sprint.ts'
import { byCodePoint, goSlice, type Value } from '../value.ts'
import { checkCharacters } from './bounds.ts'
import { isList, isNil } from './kinds.ts'

/** sprig's `strval`, which is `%v`: a Stringer prints itself, nil is `<nil>`. */
export function textOf(value: Value): string {
  return typeof value === 'string' ? value : goSprint([value ?? null])
}

/** sprig's `strslice`: the texts of a list's elements without nils; anything else is a list of one. */
export function textsOf(value: Value): readonly string[] {
  if (isNil(value)) return []
  if (!isList(value)) return [textOf(value)]
  const texts: string[] = []
  let length = 0
  for (const item of value) {
    if (isNil(item)) continue
    const text = textOf(item)
    length += text.length
    checkCharacters(length)
    texts.push(text)
  }
  return texts
}

/** The order of Go's `<` on strings. */
export const compareStrings = byCodePoint

/** A `[]string`; null is the nil slice. */
export function stringSlice(texts: readonly string[] | null): readonly Value[] {
  return goSlice('string', texts === null ? null : [...texts])
}
