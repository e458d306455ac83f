import type { JsonObject } from '@proa/kube'
import { metadataOf } from '../api/metadata.ts'
import type { Listed } from '../api/read.ts'
import type { ResourceDefinition } from '../resources/definition.ts'
import type { AnswerFormat } from './media-type.ts'

/** How objects are printed as a table: columns of their kind, one row each. */
export type TableRenderer = (
  type: ResourceDefinition,
  objects: readonly JsonObject[],
  options: TableOptions,
) => JsonObject

export interface TableOptions {
  /** What a row carries besides its cells. */
  readonly include: 'None' | 'Metadata' | 'Object'
  readonly noHeaders: boolean
  /** Of meta.k8s.io */
  readonly version: string
}

export interface Shown {
  readonly type: ResourceDefinition
  readonly format: AnswerFormat
  readonly table: TableOptions
  readonly render: TableRenderer
}

export function tableOptions(query: URLSearchParams, version: string): TableOptions {
  const include = query.get('includeObject')
  return { include: include === 'None' || include === 'Object' ? include : 'Metadata', noHeaders: false, version }
}

/** One object in the form that the client asked for. */
export function showObject({ type, format, table, render }: Shown, object: JsonObject): JsonObject {
  switch (format.as) {
    case 'Table':
      return {
        ...render(type, [object], table),
        metadata: { resourceVersion: metadataOf(object).resourceVersion ?? '' },
      }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return partial(object, format.version)
    default:
      return object
  }
}

/** A list in the form that the client asked for; `document` is the plain one. */
export function showList(
  { type, format, table, render }: Shown,
  { items, metadata }: Listed,
  document: () => JsonObject,
): JsonObject {
  switch (format.as) {
    case 'Table':
      return { ...render(type, items, table), metadata }
    case 'PartialObjectMetadata':
    case 'PartialObjectMetadataList':
      return {
        kind: 'PartialObjectMetadataList',
        apiVersion: `meta.k8s.io/${format.version}`,
        metadata,
        items: items.map((item) => partial(item, format.version)),
      }
    default:
      return document()
  }
}

function partial(object: JsonObject, version: string): JsonObject {
  return { kind: 'PartialObjectMetadata', apiVersion: `meta.k8s.io/${version}`, metadata: metadataOf(object) }
}
