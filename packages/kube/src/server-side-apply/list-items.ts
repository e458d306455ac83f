/** The identity of items of associative lists. */
import { getOwn, isArray, isObject, type Json, type MutableJsonObject, setOwn } from '../json.ts'
import type { ListRule } from './atom.ts'
import { keyElement, type PathElement, valueElement } from './path-element.ts'

export type ItemIdentity =
  | { readonly ok: true; readonly element: PathElement }
  | { readonly ok: false; readonly message: string }

export function itemIdentity(rule: ListRule, item: Json): ItemIdentity {
  return rule.keys.length === 0 ? setItem(item) : keyedItem(rule, item)
}

function setItem(item: Json): ItemIdentity {
  if (item === null) return refuse("associative list without keys has an element that's an explicit null")
  if (isArray(item)) return refuse('not supported: associative list with lists as elements')
  if (isObject(item)) return refuse("associative list without keys has an element that's a map type")
  return { ok: true, element: valueElement(item) }
}

function keyedItem(rule: ListRule, item: Json): ItemIdentity {
  if (item === null) return refuse('associative list with keys may not have a null element')
  if (!isObject(item)) return refuse('associative list with keys may not have non-map elements')
  const keys: MutableJsonObject = {}
  for (const name of rule.keys) {
    const value = getOwn(item, name) ?? rule.element().map?.field(name)?.standard
    // An item without the key is another item than one with it.
    if (value !== undefined) setOwn(keys, name, value)
  }
  if (Object.keys(keys).length === 0) {
    const names = rule.keys.map((name) => JSON.stringify(name)).join(' ')
    return refuse(
      `associative list with keys has an element that omits all key fields [${names}] (and doesn't have default values for any key fields)`,
    )
  }
  return { ok: true, element: keyElement(keys) }
}

function refuse(message: string): ItemIdentity {
  return { ok: false, message }
}

/** The identity where the list is known to be valid. */
export function itemElement(rule: ListRule, item: Json): PathElement {
  const identity = itemIdentity(rule, item)
  // What has no identity is never looked up again.
  return identity.ok ? identity.element : 'i:-1'
}
