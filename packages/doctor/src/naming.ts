import type { ObjectName } from './finding.ts'
import type { Text } from './language.ts'

/** How sentences call an object: `Deployment shop/cart`, `Namespace shop`. */
export function objectTitle({ kind, namespace, name }: ObjectName): string {
  return `${kind} ${namespace === undefined || namespace === '' ? '' : `${namespace}/`}${name}`
}

/** More names than one reads in a sentence are counted. */
const MOST_NAMES = 5

/** Names in a sentence: `shop, cart and 3 more`. The Chinese number counts all of them: `shop、cart 等 5 个`. */
export function listed(names: readonly (string | Text)[], most: number = MOST_NAMES): Text {
  const shown = names.slice(0, most)
  const rest = names.length - shown.length
  const say = (language: keyof Text): readonly string[] =>
    shown.map((name) => (typeof name === 'string' ? name : name[language]))
  return {
    en: `${say('en').join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`,
    zh: `${say('zh').join('、')}${rest > 0 ? ` 等 ${names.length} 个` : ''}`,
  }
}
