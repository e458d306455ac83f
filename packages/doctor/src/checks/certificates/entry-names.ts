import type { InjectorBundle } from '../../certificates/places.ts'
import type { Text } from '../../language.ts'

/** More names than these say less than their number. */
const MOST_NAMES = 2

/** The entries of one configuration, as a part of a sentence. */
export function entryNames(group: readonly InjectorBundle[]): Text {
  if (group.length > MOST_NAMES) return { en: `${group.length} entries`, zh: `${group.length} 个条目` }
  const names = group.map(({ injector }) => injector.webhook)
  return { en: names.join(' and '), zh: names.join('、') }
}
