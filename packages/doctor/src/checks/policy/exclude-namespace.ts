import { isArray, isObject, type JsonObject, type JsonPatchOperation } from '@proa/kube'
import { objectName } from '../../cluster/cluster.ts'
import { jsonPatch, NO_STEP, type Step } from '../../fixes/patch-object.ts'
import { at, textAt } from '../../reading.ts'

/** An entry of a webhook configuration, mutating or validating. */
export interface EntryPlace {
  readonly object: JsonObject
  readonly entry: JsonObject
  readonly index: number
}

/** Takes namespaces out of what webhooks of one configuration are called for, by the label that every namespace has. */
export function excludeNamespaces(places: readonly EntryPlace[], namespaces: readonly string[]): Step {
  const [first] = places
  if (first === undefined) return NO_STEP
  return jsonPatch(
    objectName(first.object),
    places.flatMap((place) => operations(place, namespaces)),
  )
}

function operations({ entry, index }: EntryPlace, namespaces: readonly string[]): readonly JsonPatchOperation[] {
  const requirement = { key: 'kubernetes.io/metadata.name', operator: 'NotIn', values: [...namespaces] }
  const path = `/webhooks/${index}/namespaceSelector`
  const test: JsonPatchOperation = { op: 'test', path: `/webhooks/${index}/name`, value: textAt(entry, 'name') }
  if (!isObject(at(entry, 'namespaceSelector'))) {
    return [test, { op: 'add', path, value: { matchExpressions: [requirement] } }]
  }
  return isArray(at(entry, 'namespaceSelector', 'matchExpressions'))
    ? [test, { op: 'add', path: `${path}/matchExpressions/-`, value: requirement }]
    : [test, { op: 'add', path: `${path}/matchExpressions`, value: [requirement] }]
}
