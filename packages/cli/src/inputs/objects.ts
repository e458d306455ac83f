import { getOwn, isArray, isList, isObject, type Json, type JsonObject } from '@proa/kube'
import type { InputDocument, InputFile } from './read-documents.ts'

/** A Kubernetes object of the input: a document, or an item of a `List`. */
export interface InputObject {
  readonly document: InputDocument
  /** Where the object stands in its document: `[]`, or `['items', 3]`. */
  readonly path: readonly (string | number)[]
  readonly value: JsonObject
}

/** The objects of all documents, in order; lists are opened, what is not an object at all is left out. */
export function inputObjects(files: readonly InputFile[]): InputObject[] {
  return files.flatMap(({ documents }) => documents.flatMap((document) => objectsIn(document, document.value, [])))
}

function objectsIn(document: InputDocument, value: Json, path: readonly (string | number)[]): InputObject[] {
  if (!isObject(value)) return []
  if (!isList(value)) return [{ document, path, value }]
  const items = getOwn(value, 'items')
  if (!isArray(items)) return []
  return items.flatMap((item, index) => objectsIn(document, item, [...path, 'items', index]))
}

/** `Deployment shop/cart`, `Pod web-…`, or `an object without a kind`. */
export function objectName(value: JsonObject): string {
  const kind = getOwn(value, 'kind')
  const { name, namespace, generateName } = objectMetadata(value)
  const called = name ?? (generateName === undefined ? undefined : `${generateName}…`)
  const full = called === undefined ? '' : namespace === undefined ? ` ${called}` : ` ${namespace}/${called}`
  return `${typeof kind === 'string' ? kind : 'an object without a kind'}${full}`
}

interface ObjectMetadata {
  readonly name: string | undefined
  readonly namespace: string | undefined
  readonly generateName: string | undefined
}

export function objectMetadata(value: JsonObject): ObjectMetadata {
  const metadata = getOwn(value, 'metadata')
  const text = (key: string) => {
    const found = isObject(metadata) ? getOwn(metadata, key) : undefined
    return typeof found === 'string' && found !== '' ? found : undefined
  }
  return { name: text('name'), namespace: text('namespace'), generateName: text('generateName') }
}
