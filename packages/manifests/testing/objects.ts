import type { JsonObject } from '@proa/kube'

/** The first object of a kind; a test that asks for one that is not there is wrong. */
export function ofKind(objects: readonly JsonObject[], kind: string): JsonObject {
  const found = objects.find((object) => object.kind === kind)
  if (found === undefined) throw new Error(`there is no ${kind}`)
  return found
}

/** `spec.template` of the Deployment. */
export function podTemplate(objects: readonly JsonObject[]): JsonObject {
  const { template } = ofKind(objects, 'Deployment').spec as { template: JsonObject }
  return template
}
