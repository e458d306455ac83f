import type { JsonObject } from '@proa/kube'
import { metaText } from '../api/metadata.ts'
import type { ResourceDefinition } from './definition.ts'

/** A field selector: `metadata.name=x,status.phase!=Running`. */
export type FieldQuery = readonly FieldTerm[]

interface FieldTerm {
  readonly field: string
  readonly negated: boolean
  readonly value: string
  readonly read: (object: JsonObject) => string
}

/** A selector that the API server refuses, in its words. */
export class FieldQueryError extends Error {
  override readonly name = 'FieldQueryError'
}

/** @throws FieldQueryError */
export function parseFieldQuery(type: ResourceDefinition, text: string): FieldQuery {
  return splitTerms(text).map((term) => {
    const found = /^((?:\\.|[^\\=!])*)(==|=|!=)(.*)$/s.exec(term)
    if (found === null) throw new FieldQueryError(`invalid selector: '${text}'; can't understand '${term}'`)
    const [, field = '', operator, raw = ''] = found
    return { field, negated: operator === '!=', value: unescaped(raw), read: reader(type, field) }
  })
}

function splitTerms(text: string): readonly string[] {
  return text.match(/(?:\\.|[^\\,])+/gs) ?? []
}

function unescaped(value: string): string {
  return value.replaceAll(/\\([\\,=])/g, '$1')
}

function reader(type: ResourceDefinition, field: string): (object: JsonObject) => string {
  if (field === 'metadata.name') return (object) => metaText(object, 'name')
  if (field === 'metadata.namespace') return (object) => metaText(object, 'namespace')
  const read = Object.hasOwn(type.selectableFields, field) ? type.selectableFields[field] : undefined
  if (read === undefined) throw new FieldQueryError(unknownField(type, field))
  return read
}

/** Kinds with fields of their own refuse in other words than those without. */
function unknownField(type: ResourceDefinition, field: string): string {
  if (type.custom !== undefined) return `field label not supported: ${field}`
  return Object.keys(type.selectableFields).length > 0
    ? `field label not supported: ${field}`
    : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`
}

export function matchesFields(query: FieldQuery, object: JsonObject): boolean {
  return query.every(({ read, value, negated }) => (read(object) === value) !== negated)
}

/** The one name that a query asks for. */
export function nameInQuery(query: FieldQuery): string | undefined {
  return query.find(({ field, negated }) => field === 'metadata.name' && !negated)?.value
}
