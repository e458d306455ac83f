/**
 * One step of a field's path, as `managedFields` writes it: `f:name` (a field or a key of a map),
 * `k:{"name":"a"}` (an item of an associative list by its keys), `v:"a"` (an item of a set), `i:0` (an index).
 * A step is kept as its canonical text, so that equal steps are equal strings.
 */
import { getOwn, isArray, isObject, type Json, type JsonObject } from '../json.ts'

export type PathElement = string

export function fieldElement(name: string): PathElement {
  return `f:${name}`
}

export function valueElement(value: Json): PathElement {
  return `v:${goJson(value)}`
}

/** The keys of an item; in the order of their names, however they were given. */
export function keyElement(keys: JsonObject): PathElement {
  const names = Object.keys(keys).sort(compareText)
  return `k:{${names.map((name) => `${goJson(name)}:${goJson(getOwn(keys, name) ?? null)}`).join(',')}}`
}

/** Reads a step of a stored set. `undefined` when it is none: the API server refuses such a set as a whole. */
export function readPathElement(text: string): PathElement | undefined {
  const content = text.slice(2)
  switch (text.slice(0, 2)) {
    case 'f:':
      return text
    case 'i:':
      return /^[+-]?\d+$/.test(content) ? `i:${Number(content)}` : undefined
    case 'v:': {
      const value = parse(content)
      return value === undefined ? undefined : valueElement(value)
    }
    case 'k:': {
      const keys = parse(content)
      return isObject(keys) ? keyElement(keys) : undefined
    }
    default:
      return undefined
  }
}

function parse(text: string): Json | undefined {
  try {
    return JSON.parse(text) as Json
  } catch {
    return undefined
  }
}

/** Go's JSON: object keys sorted, and the characters escaped that could end a script in HTML. */
export function goJson(value: Json): string {
  if (isArray(value)) return `[${value.map(goJson).join(',')}]`
  if (isObject(value)) {
    const keys = Object.keys(value).sort(compareText)
    return `{${keys.map((key) => `${goJson(key)}:${goJson(getOwn(value, key) ?? null)}`).join(',')}}`
  }
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

const KINDS = 'fkvi'

/** Kubernetes' order of steps: fields, keys, values, indexes; each by its content. */
export function comparePathElements(a: PathElement, b: PathElement): number {
  const kinds = KINDS.indexOf(a.charAt(0)) - KINDS.indexOf(b.charAt(0))
  if (kinds !== 0) return kinds
  const [left, right] = [a.slice(2), b.slice(2)]
  switch (a.charAt(0)) {
    case 'f':
      return compareText(left, right)
    case 'i':
      return Number(left) - Number(right)
    case 'v':
      return compareValues(parse(left) ?? null, parse(right) ?? null)
    default:
      return compareKeys(parse(left) ?? null, parse(right) ?? null)
  }
}

function compareKeys(a: Json, b: Json): number {
  const left = isObject(a) ? Object.entries(a) : []
  const right = isObject(b) ? Object.entries(b) : []
  for (const [index, [name, value]] of left.entries()) {
    const other = right[index]
    if (other === undefined) return 1
    const order = compareText(name, other[0]) || compareValues(value, other[1])
    if (order !== 0) return order
  }
  return left.length - right.length
}

/** Numbers before texts before booleans; keys and items of sets are nothing else. */
function compareValues(a: Json, b: Json): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  if (typeof a === 'string' && typeof b === 'string') return compareText(a, b)
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  return rank(a) - rank(b)
}

function rank(value: Json): number {
  return ['number', 'string', 'boolean'].indexOf(typeof value) >>> 0
}

/** Go compares texts by their UTF-8 bytes, which is the order of code points. */
export function compareText(a: string, b: string): number {
  if (a === b) return 0
  const [left, right] = [[...a], [...b]]
  const at = left.findIndex((character, index) => character !== right[index])
  if (at === -1) return -1
  const other = right[at]
  if (other === undefined) return 1
  return (left[at]?.codePointAt(0) ?? 0) - (other.codePointAt(0) ?? 0)
}

/** As messages print it: `.spec`, `[name="a"]`, `[="a"]`, `[0]`. */
export function printPathElement(element: PathElement): string {
  const content = element.slice(2)
  if (element.startsWith('f:')) return `.${content}`
  if (element.startsWith('i:')) return `[${content}]`
  const value = parse(content) ?? null
  if (element.startsWith('v:')) return `[=${printValue(value)}]`
  const keys = isObject(value) ? Object.entries(value) : []
  return `[${keys.map(([name, key]) => `${name}=${printValue(key)}`).join(',')}]`
}

function printValue(value: Json): string {
  return typeof value === 'string' ? JSON.stringify(value) : goJson(value)
}
