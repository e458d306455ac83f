import { isObject, type JsonObject } from '@proa/kube'
import { objectName } from '../cluster/cluster.ts'
import type { Change } from '../finding.ts'

/** Creates an object that is missing; one that is there gets these fields. */
export function applyObject(body: JsonObject): Change {
  if (!isObject(body.metadata)) throw new Error('an object to apply has metadata')
  return { kind: 'apply', object: objectName(body), body }
}
