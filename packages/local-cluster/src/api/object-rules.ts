import { applyDefaults } from '../defaults/index.ts'
import { shapeCustom } from '../resources/custom-schema.ts'
import { validateCustom } from '../resources/custom-validation.ts'
import { validateCreate, validateUpdate } from '../validation/index.ts'
import type { ObjectRules } from './backend.ts'
import { invalid } from './errors.ts'
import { nameOf } from './metadata.ts'

/** What the API server knows of its kinds: defaults and checks. */
export const objectRules: ObjectRules = {
  defaults: (type, object) =>
    type.custom === undefined ? applyDefaults(object) : shapeCustom(type.custom.schema, object).object,
  validate(type, object, before, subresource) {
    if (before === undefined) validateCreate(object, type)
    else validateUpdate(object, before, type, subresource)
    if (type.custom === undefined) return
    const causes = validateCustom(type.custom.schema, object)
    if (causes.length > 0) throw invalid(type, nameOf(object), causes)
  },
}
