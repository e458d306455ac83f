/** Sets of fields: what a manager owns. Sets are values; every operation makes a new one. */
import { isObject, type Json, type JsonObject, type MutableJsonObject, setOwn } from '../json.ts'
import {
  comparePathElements,
  fieldElement,
  type PathElement,
  printPathElement,
  readPathElement,
} from './path-element.ts'

/**
 * A tree. An element is in `members` when the field itself is in the set, and in `children` when something
 * below it is; it can be in both.
 */
export interface FieldSet {
  readonly members: ReadonlySet<PathElement>
  readonly children: ReadonlyMap<PathElement, FieldSet>
}

export type FieldPath = readonly PathElement[]

export const EMPTY_SET: FieldSet = { members: new Set(), children: new Map() }

export function isEmpty(set: FieldSet): boolean {
  return set.members.size === 0 && [...set.children.values()].every(isEmpty)
}

/** Whether the field itself is in the set. */
export function contains(set: FieldSet, path: FieldPath): boolean {
  const [first, ...rest] = path
  if (first === undefined) return false
  if (rest.length === 0) return set.members.has(first)
  const child = set.children.get(first)
  return child !== undefined && contains(child, rest)
}

/** Makes a set from paths as they come; read `set` at the end. */
export function setBuilder(): { add(path: FieldPath): void; readonly set: FieldSet } {
  interface Node {
    members: Set<PathElement>
    children: Map<PathElement, Node>
  }
  const root: Node = { members: new Set(), children: new Map() }
  return {
    set: root,
    add(path) {
      let node = root
      for (const element of path.slice(0, -1)) {
        let child = node.children.get(element)
        if (child === undefined) {
          child = { members: new Set(), children: new Map() }
          node.children.set(element, child)
        }
        node = child
      }
      const last = path.at(-1)
      // Nobody owns the whole object.
      if (last !== undefined) node.members.add(last)
    },
  }
}

/** The set of these fields; `['spec', 'replicas']` is one of them. */
export function fieldSetOf(...paths: readonly (readonly string[])[]): FieldSet {
  const builder = setBuilder()
  for (const path of paths) builder.add(path.map(fieldElement))
  return builder.set
}

export function union(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map(a.children)
  for (const [element, child] of b.children) {
    const known = children.get(element)
    children.set(element, known === undefined ? child : union(known, child))
  }
  return { members: both(a.members, b.members), children }
}

export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of a.children) {
    const other = b.children.get(element)
    const shared = other === undefined ? EMPTY_SET : intersection(child, other)
    if (!isEmpty(shared)) children.set(element, shared)
  }
  return { members: common(a.members, b.members), children }
}

/** What is in `a` and not in `b`. A field of `b` takes away itself, not what is below it. */
export function difference(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of a.children) {
    const other = b.children.get(element)
    const rest = other === undefined ? child : difference(child, other)
    if (!isEmpty(rest)) children.set(element, rest)
  }
  return { members: without(a.members, b.members), children }
}

/** As {@link difference}, but a field of `b` takes everything below it along. */
export function recursiveDifference(a: FieldSet, b: FieldSet): FieldSet {
  const children = new Map<PathElement, FieldSet>()
  for (const [element, child] of a.children) {
    if (b.members.has(element)) continue
    const other = b.children.get(element)
    const rest = other === undefined ? child : recursiveDifference(child, other)
    if (!isEmpty(rest)) children.set(element, rest)
  }
  return { members: without(a.members, b.members), children }
}

function both(a: Iterable<PathElement>, b: Iterable<PathElement>): Set<PathElement> {
  return new Set([...a, ...b])
}

function common(a: ReadonlySet<PathElement>, b: ReadonlySet<PathElement>): Set<PathElement> {
  return new Set([...a].filter((element) => b.has(element)))
}

function without(a: ReadonlySet<PathElement>, b: ReadonlySet<PathElement>): Set<PathElement> {
  return new Set([...a].filter((element) => !b.has(element)))
}

/** Every field of the set: those of one level before those below. */
export function fieldPaths(set: FieldSet, above: FieldPath = []): FieldPath[] {
  const sorted = (elements: Iterable<PathElement>): PathElement[] => [...elements].sort(comparePathElements)
  return [
    ...sorted(set.members).map((element) => [...above, element]),
    ...sorted(set.children.keys()).flatMap((element) =>
      fieldPaths(set.children.get(element) ?? EMPTY_SET, [...above, element]),
    ),
  ]
}

export function printFieldPath(path: FieldPath): string {
  return path.map(printPathElement).join('')
}

/** `FieldsV1`: an element with nothing below is `{}`; one that is in the set with others below has a `.`. */
export function encodeFieldSet(set: FieldSet): JsonObject {
  const result: MutableJsonObject = {}
  const elements = [...both(set.members, set.children.keys())].sort(comparePathElements)
  for (const element of elements) {
    const below = set.children.get(element)
    if (below === undefined || isEmpty(below)) {
      if (set.members.has(element)) setOwn(result, element, {})
      continue
    }
    const self = set.members.has(element) ? { '.': {} } : {}
    setOwn(result, element, { ...self, ...encodeFieldSet(below) })
  }
  return result
}

/** Reads `FieldsV1`. `undefined` when it is not understood. */
export function decodeFieldSet(fields: Json): FieldSet | undefined {
  if (!isObject(fields)) return undefined
  const members = new Set<PathElement>()
  const children = new Map<PathElement, FieldSet>()
  for (const [key, below] of Object.entries(fields)) {
    if (key === '.') continue
    const element = readPathElement(key)
    const child = decodeFieldSet(below)
    if (element === undefined || child === undefined) return undefined
    const isLeaf = isObject(below) && (Object.keys(below).length === 0 || Object.hasOwn(below, '.'))
    if (isLeaf) members.add(element)
    if (!isEmpty(child)) children.set(element, child)
  }
  return { members, children }
}
