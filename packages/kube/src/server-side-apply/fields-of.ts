/** The fields that an object holds: what its author means to own. */
import { isArray, isObject, type Json } from '../json.ts'
import { type Atom, type ListRule, memberAtom, ruleOf } from './atom.ts'
import { type FieldPath, type FieldSet, setBuilder } from './field-set.ts'
import { itemElement } from './list-items.ts'
import { fieldElement, type PathElement } from './path-element.ts'

export function fieldsOf(atom: Atom, value: Json): FieldSet {
  const builder = setBuilder()
  collect(atom, value, [], builder.add)
  return builder.set
}

function collect(atom: Atom, value: Json, path: FieldPath, add: (path: FieldPath) => void): void {
  const fit = ruleOf(atom, value)
  if (fit.kind === 'scalar' || fit.rule.relation === 'atomic') {
    add(path)
  } else if (fit.kind === 'map') {
    if (!isObject(value)) return
    for (const [key, item] of Object.entries(value)) {
      const below = [...path, fieldElement(key)]
      collect(memberAtom(fit.rule, key), item, below, add)
      // A known field with something in it is owned by what is in it; a key of a map is something of its own.
      const isEmptyMap = isObject(item) && Object.keys(item).length === 0
      if (item === null || isEmptyMap || fit.rule.field(key) === undefined) add(below)
    }
  } else if (isArray(value)) collectItems(fit.rule, value, path, add)
}

function collectItems(rule: ListRule, list: readonly Json[], path: FieldPath, add: (path: FieldPath) => void): void {
  const counts = new Map<PathElement, number>()
  const elements = list.map((item) => itemElement(rule, item))
  for (const element of elements) counts.set(element, (counts.get(element) ?? 0) + 1)
  for (const [index, item] of list.entries()) {
    const element = elements[index] as PathElement
    const below = [...path, element]
    if (counts.get(element) === 1) collect(rule.element(), item, below, add)
    add(below)
  }
}
