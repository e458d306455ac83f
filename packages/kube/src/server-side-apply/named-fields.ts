import type { Atom } from './atom.ts'
import { deducedAtom, memberAtom } from './atom.ts'
import type { FieldSet } from './field-set.ts'

/**
 * The set with every known field that has something below it as a field of its own. So a struct goes when all
 * of it goes; sets themselves name only what is in it.
 */
export function withNamedFields(atom: Atom | undefined, set: FieldSet): FieldSet {
  const members = new Set(set.members)
  const children = new Map<string, FieldSet>()
  for (const [element, child] of set.children) {
    const isField = element.startsWith('f:')
    const name = element.slice(2)
    if (isField && atom?.map?.field(name) !== undefined) members.add(element)
    children.set(element, withNamedFields(below(atom, element), child))
  }
  return { members, children }
}

function below(atom: Atom | undefined, element: string): Atom | undefined {
  if (element.startsWith('f:')) return atom?.map === undefined ? undefined : memberAtom(atom.map, element.slice(2))
  if (element.startsWith('k:')) return (atom?.list?.element ?? deducedAtom)()
  return undefined
}
