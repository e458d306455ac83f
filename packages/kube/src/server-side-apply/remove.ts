/** Taking fields out of an object. */
import { isArray, isObject, type Json, type MutableJsonObject, setOwn } from '../json.ts'
import { type Atom, type ListRule, type MapRule, memberAtom, ruleOf } from './atom.ts'
import { EMPTY_SET, type FieldSet, isEmpty } from './field-set.ts'
import { itemElement } from './list-items.ts'
import { fieldElement, type PathElement } from './path-element.ts'

/** The value without the fields of the set; what becomes empty stays as an empty map or list. */
export function removeFields(atom: Atom, value: Json, set: FieldSet): Json {
  return remove(atom, value, set) ?? emptyLike(value)
}

function remove(atom: Atom, value: Json, set: FieldSet): Json | undefined {
  const fit = ruleOf(atom, value)
  if (fit.kind === 'scalar') return value
  // What is below an atomic value is not looked at: reached by a path, it goes as a whole.
  if (fit.rule.relation === 'atomic') return undefined
  return fit.kind === 'map' ? removeKeys(fit.rule, value, set) : removeItems(fit.rule, value, set)
}

function emptyLike(value: Json): Json {
  if (isArray(value)) return []
  return isObject(value) ? {} : null
}

function childSet(set: FieldSet, element: PathElement): FieldSet {
  return set.children.get(element) ?? EMPTY_SET
}

function removeKeys(rule: MapRule, value: Json, set: FieldSet): Json | undefined {
  if (!isObject(value)) return undefined
  const result: MutableJsonObject = {}
  let matched = false
  for (const [key, item] of Object.entries(value)) {
    const element = fieldElement(key)
    if (set.members.has(element)) continue
    const below = childSet(set, element)
    const inside = !isEmpty(below)
    matched ||= inside
    setOwn(result, key, inside ? removeFields(memberAtom(rule, key), item, below) : item)
  }
  return Object.keys(result).length > 0 || matched ? result : undefined
}

function removeItems(rule: ListRule, value: Json, set: FieldSet): Json | undefined {
  if (!isArray(value)) return undefined
  const result: Json[] = []
  let matched = false
  for (const item of value) {
    const element = itemElement(rule, item)
    if (set.members.has(element)) continue
    const below = childSet(set, element)
    const inside = !isEmpty(below)
    matched ||= inside
    result.push(inside ? removeFields(rule.element(), item, below) : item)
  }
  return result.length > 0 || matched ? result : undefined
}
