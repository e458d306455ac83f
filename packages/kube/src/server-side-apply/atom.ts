/** How a value is owned and merged: the schema as server-side apply sees it. */
import type { Json } from '../json.ts'

/**
 * What a value may be. Most atoms allow one of the three; values without a schema allow all.
 * Sources of the rules: the structured-merge-diff library, and kube-openapi's conversion to its schema.
 */
export interface Atom {
  readonly scalar?: ScalarRule
  readonly list?: ListRule
  readonly map?: MapRule
}

export type ScalarRule = 'string' | 'numeric' | 'boolean' | 'untyped'

export interface ListRule {
  /** `associative`: the items have an identity, and each can have its own owner. */
  readonly relation: 'atomic' | 'associative'
  /** The fields that identify an item; `[]` for a set of scalars. */
  readonly keys: readonly string[]
  readonly element: AtomReference
}

export interface MapRule {
  readonly relation: 'atomic' | 'granular'
  field(name: string): MapField | undefined
  /** Of keys that are no fields; undefined: there must not be any. */
  readonly element: AtomReference | undefined
}

export interface MapField {
  readonly atom: AtomReference
  /** Stands in for a missing key of a list item. */
  readonly standard: Json | undefined
}

/** Schemas are recursive, so atoms are made when they are needed. */
export type AtomReference = () => Atom

const UNTYPED: Atom = {
  scalar: 'untyped',
  list: { relation: 'atomic', keys: [], element: () => UNTYPED },
  map: { relation: 'atomic', field: () => undefined, element: () => UNTYPED },
}

const DEDUCED: Atom = {
  scalar: 'untyped',
  list: { relation: 'atomic', keys: [], element: () => UNTYPED },
  map: { relation: 'granular', field: () => undefined, element: () => DEDUCED },
}

/** Anything, as one piece. */
export const untypedAtom: AtomReference = () => UNTYPED

/** Anything: maps by their keys, lists as one piece. What has no schema is owned like this. */
export const deducedAtom: AtomReference = () => DEDUCED

/** The part of an atom that fits a value; all of it for null. */
export function fitting(atom: Atom, value: Json | undefined): Atom {
  if (value === undefined || value === null) return atom
  if (Array.isArray(value)) return atom.list === undefined ? atom : { list: atom.list }
  if (typeof value === 'object') return atom.map === undefined ? atom : { map: atom.map }
  return atom.scalar === undefined ? atom : { scalar: atom.scalar }
}

/** Which rule of an atom is in force, once it was fitted to a value. */
export type Rule =
  | { readonly kind: 'map'; readonly rule: MapRule }
  | { readonly kind: 'scalar'; readonly rule: ScalarRule }
  | { readonly kind: 'list'; readonly rule: ListRule }

export function ruleOf(atom: Atom, value: Json | undefined): Rule {
  const fit = fitting(atom, value)
  if (fit.map !== undefined) return { kind: 'map', rule: fit.map }
  if (fit.scalar !== undefined) return { kind: 'scalar', rule: fit.scalar }
  if (fit.list !== undefined) return { kind: 'list', rule: fit.list }
  throw new Error('a schema allows no value at all')
}

/** The atom of a field or a key of a map. */
export function memberAtom(rule: MapRule, name: string): Atom {
  return (rule.field(name)?.atom ?? rule.element ?? deducedAtom)()
}
