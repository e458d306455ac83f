import { applyDefaults } from '../defaults/index.ts'
import type { ObjectRules } from './backend.ts'

/** What the API server knows of its kinds: defaults and checks. */
export const objectRules: ObjectRules = {
  defaults: (type, object) => (type.custom === undefined ? applyDefaults(object) : object),
  validate: () => {},
}
