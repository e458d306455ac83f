import type { JsonObject } from '@proa/kube'
import { applyDefaults } from '../defaults/index.ts'
import { shapeCustom } from '../resources/custom-schema.ts'
import { validateCustom } from '../resources/custom-validation.ts'
import type { ResourceDefinition } from '../resources/definition.ts'
import { validateCreate, validateUpdate } from '../validation/index.ts'
import type { ObjectRules } from './backend.ts'
import { invalid } from './errors.ts'
import { finalizersOf, metadataOf, nameOf } from './metadata.ts'

/** What the API server knows of its kinds: defaults and checks. */
export const objectRules: ObjectRules = {
  defaults: (type, object) =>
    type.custom === undefined ? applyDefaults(object) : shapeCustom(type.custom.schema, object).object,
  validate(type, object, before, subresource) {
    if (before !== undefined) checkFinalizers(type, object, before)
    if (before === undefined) validateCreate(object, type)
    else validateUpdate(object, before, type, subresource)
    if (type.custom === undefined) return
    const causes = validateCustom(type.custom.schema, object)
    if (causes.length > 0) throw invalid(type, nameOf(object), causes)
  },
}

/** An object on its way out takes no new reasons to stay. */
function checkFinalizers(type: ResourceDefinition, object: JsonObject, before: JsonObject): void {
  if (typeof metadataOf(before).deletionTimestamp !== 'string') return
  const known = finalizersOf(before)
  const added = finalizersOf(object).filter((one) => !known.includes(one))
  if (added.length === 0) return
  const list = `[]string{${added.map((one) => JSON.stringify(one)).join(', ')}}`
  const message = `Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers ${list}`
  const cause = { field: 'metadata.finalizers', reason: 'FieldValueForbidden', message }
  // The API server checks the metadata of its own kinds twice, and says both.
  throw invalid(type, nameOf(object), type.custom === undefined ? [cause, cause] : [cause])
}
