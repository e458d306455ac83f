import type { JsonPath } from '../json.ts'
import { type FieldSchema, type FieldType, structSchema } from './schema.ts'

/**
 * The merge key of the list at a path inside a struct, `undefined` when there is
 * none or the path is not a list: `listKey('v1.Pod', ['spec', 'containers'])` is
 * `name`.
 */
export function listKey(struct: string, path: JsonPath): string | undefined {
  let type: FieldType = { kind: 'struct', struct }
  let mergeKey: string | undefined
  for (const step of path) {
    mergeKey = undefined
    if (type.kind === 'struct') {
      const field: FieldSchema | undefined =
        typeof step === 'string' ? structSchema(type.struct).byJson(step) : undefined
      if (field === undefined) return undefined
      type = field.type
      mergeKey = field.mergeKey
    } else if (type.kind === 'list' || type.kind === 'map') type = type.of
    else return undefined
  }
  return mergeKey
}

/** {@link listKey} of a Pod or a pod template: the paths start at the object with `metadata` and `spec`. */
export function podListKey(path: JsonPath): string | undefined {
  return listKey('v1.Pod', path)
}
