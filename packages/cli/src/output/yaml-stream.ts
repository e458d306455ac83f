import { dumpYaml, type JsonObject } from '@proa/kube'

/** Several objects in one text. */
export function yamlStream(objects: readonly JsonObject[]): string {
  return objects.map((object) => dumpYaml(object)).join('---\n')
}
