/** The directives of a strategic merge patch, and what remains of a patch without them. */
import { getOwn, isArray, isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '../json.ts'
import { goPrint, MergeError } from './merge-error.ts'

/** `replace`, `delete` or `merge`, for the map or the list item that it stands in. */
export const PATCH = '$patch'
/** Names of the only fields that the original keeps. */
export const RETAIN_KEYS = '$retainKeys'
/** `$setElementOrder/<list>`: the wanted order of a list. */
export const SET_ELEMENT_ORDER = '$setElementOrder'
/** `$deleteFromPrimitiveList/<list>`: values to take out of a list of scalars. */
export const DELETE_FROM_LIST = '$deleteFromPrimitiveList'

export function unknownDirective(directive: Json, patch: JsonObject): MergeError {
  const shown = typeof directive === 'string' ? directive : `%!s(${goPrint(directive)})`
  return new MergeError(`unknown patch type: ${shown} in map: ${goPrint(patch)}`)
}

/** What `$patch` in a map makes of it. */
export function applyMapDirective(directive: Json, patch: JsonObject): JsonObject {
  if (directive === 'delete') return {}
  if (directive !== 'replace') throw unknownDirective(directive, patch)
  const { [PATCH]: _, ...rest } = patch
  return rest
}

/** The list that a directive key names: `finalizers` of `$setElementOrder/finalizers`. */
export function directiveTarget(key: string, directive: string): string {
  if (key.startsWith(`${directive}/`)) return key.slice(directive.length + 1)
  const list = directive === DELETE_FROM_LIST ? 'primitive' : 'setElementOrder'
  throw new MergeError(`invalid patch format of ${list} list`)
}

/**
 * A patch value that is new to the original: nulls and maps with `$patch` are
 * not for keeping. `undefined` when nothing remains. Shares what it can.
 */
export function withoutDirectives(value: Json): Json | undefined {
  if (isArray(value)) return cleanList(value)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, PATCH)) return undefined
  let cleaned: MutableJsonObject | undefined
  for (const key of Object.keys(value)) {
    const item = getOwn(value, key) ?? null
    const kept = item === null ? undefined : withoutDirectives(item)
    if (kept === item) continue
    cleaned ??= { ...value }
    if (kept === undefined) delete cleaned[key]
    else setOwn(cleaned, key, kept)
  }
  return cleaned ?? value
}

/** Nulls that are items stay: only those in maps mean "no value". */
function cleanList(list: readonly Json[]): Json {
  const cleaned = list.map((item) => withoutDirectives(item)).filter((item) => item !== undefined)
  const same = cleaned.length === list.length && cleaned.every((item, i) => item === list[i])
  return same ? list : cleaned
}

/**
 * `$retainKeys`: the original with only the listed fields. Every field of the
 * patch has to be listed.
 */
export function retainKeys(original: JsonObject, patch: JsonObject): JsonObject {
  const directive = getOwn(patch, RETAIN_KEYS)
  if (directive === undefined) return original
  if (!isArray(directive)) throw new MergeError('invalid patch format of retainKeys')
  const listed = new Set(directive)
  for (const key of Object.keys(patch)) {
    const ignored = key === RETAIN_KEYS || key.startsWith(DELETE_FROM_LIST) || key.startsWith(SET_ELEMENT_ORDER)
    if (!ignored && patch[key] !== null && !listed.has(key)) throw new MergeError('invalid patch format of retainKeys')
  }
  const retained = Object.keys(original).filter((key) => listed.has(key))
  if (retained.length === Object.keys(original).length) return original
  const result: MutableJsonObject = {}
  for (const key of retained) setOwn(result, key, original[key] as Json)
  return result
}
