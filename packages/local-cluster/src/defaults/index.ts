import type { JsonObject } from '@proa/kube'

/** The object with the values that the API server fills in when it decodes it. */
export function applyDefaults(object: JsonObject): JsonObject {
  return object
}
