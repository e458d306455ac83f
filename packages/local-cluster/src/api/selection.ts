import type { JsonObject } from '@proa/kube'
import type { ResourceDefinition } from '../resources/definition.ts'
import { FieldQueryError, matchesFields, parseFieldQuery } from '../resources/field-query.ts'
import { LabelQueryError, matchesLabels, parseLabelQuery } from '../resources/label-query.ts'
import { badRequest } from './errors.ts'

export type Selects = (object: JsonObject) => boolean

/** Which objects a list, a watch or a deletecollection means. Objects are as the request's version shows them. */
export function selection(type: ResourceDefinition, labels: string, fields: string): Selects {
  try {
    const label = parseLabelQuery(labels)
    const field = parseFieldQuery(type, fields)
    return (object) => matchesLabels(label, object) && matchesFields(field, object)
  } catch (error) {
    if (error instanceof LabelQueryError) throw badRequest(error.message)
    if (error instanceof FieldQueryError) throw badRequest(error.message)
    throw error
  }
}
