import { isSnapshot, type Kind, kindOf } from '@proa/doctor'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { nameOf, text } from '../take/shapes.ts'
import { documentsOf } from './documents.ts'

/** What a text holds for a snapshot. */
export interface Content {
  readonly objects: readonly JsonObject[]
  readonly snapshots: readonly JsonObject[]
  /** Kinds of which there are lists, empty ones too. */
  readonly listed: readonly Kind[]
  /** Documents that are objects of Kubernetes, of kinds that no check looks at. */
  readonly others: number
  /** Documents that are none, with what they are. */
  readonly foreign: readonly Foreign[]
}

export interface Foreign {
  /** 1-based. */
  readonly line: number
  readonly what: string
}

interface Collecting {
  readonly objects: JsonObject[]
  readonly snapshots: JsonObject[]
  readonly listed: Kind[]
  others: number
  readonly foreign: Foreign[]
}

/** @throws YamlError */
export function contentOf(source: string): Content {
  const into = nothing()
  for (const { value, line } of documentsOf(source)) take(value, line, into)
  return into
}

/** Of a document that was read by `parseLarge`. */
export function contentOfJson(value: Json): Content {
  const into = nothing()
  take(value, 1, into)
  return into
}

const nothing = (): Collecting => ({ objects: [], snapshots: [], listed: [], others: 0, foreign: [] })

function take(value: Json, line: number, into: Collecting): void {
  // An empty document: the stream begins or ends with `---`.
  if (value === null) return
  if (isArray(value)) for (const item of value) take(item, line, into)
  else if (!isObject(value)) into.foreign.push({ line, what: 'a text or a number, not an object' })
  else if (isSnapshot(value)) into.snapshots.push(value)
  else if (isList(value)) takeList(value, line, into)
  else takeObject(value, line, into)
}

/** `List`, or a list of one kind as `PodList`. */
function isList(value: JsonObject): boolean {
  return text(value, 'kind').endsWith('List') && (isArray(value.items) || value.items === null)
}

function takeList(list: JsonObject, line: number, into: Collecting): void {
  const [apiVersion, kind] = [text(list, 'apiVersion'), text(list, 'kind').slice(0, -'List'.length)]
  const known = kind === '' ? undefined : kindOf(apiVersion, kind)
  if (known !== undefined) into.listed.push(known)
  const items = getOwn(list, 'items')
  for (const item of isArray(items) ? items : []) {
    // The API server leaves them out of the items.
    const whole = isObject(item) && kind !== '' && !Object.hasOwn(item, 'kind') ? { apiVersion, kind, ...item } : item
    take(whole, line, into)
  }
}

function takeObject(object: JsonObject, line: number, into: Collecting): void {
  const [apiVersion, kind] = [text(object, 'apiVersion'), text(object, 'kind')]
  if (apiVersion === '' || kind === '')
    into.foreign.push({ line, what: 'no Kubernetes object: apiVersion or kind is missing' })
  else if (kindOf(apiVersion, kind) === undefined) into.others += 1
  else if (nameOf(object) === '') into.foreign.push({ line, what: `a ${kind} without metadata.name` })
  else into.objects.push(object)
}

export function kindsOf(objects: readonly JsonObject[]): ReadonlySet<Kind> {
  const found = objects.map((object) => kindOf(text(object, 'apiVersion'), text(object, 'kind')))
  return new Set(found.filter((kind) => kind !== undefined))
}
