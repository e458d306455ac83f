import { deepEqual, type JsonObject } from '@proa/kube'
import { listAt, numberAt, objectAt, textAt, valueAt } from './fields.ts'
import type { Problems } from './problems.ts'

const ALLOWED =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,' +
  '`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),' +
  '`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)'

/**
 * A Pod's spec hardly changes. The API server adds a diff of its internal types to the words; here the sentence ends before
 * it.
 */
export function checkPodUpdate(pod: JsonObject, old: JsonObject, problems: Problems): void {
  const spec = objectAt(pod, 'spec')
  const before = objectAt(old, 'spec')
  for (const kind of ['containers', 'initContainers']) {
    if (listAt(spec, kind).length !== listAt(before, kind).length) {
      problems.forbidden(`spec.${kind}`, 'pod updates may not add or remove containers')
      return
    }
    for (const [index, container] of listAt(spec, kind).entries()) {
      if (textAt(container, 'image') === '') problems.required(`spec.${kind}[${index}].image`)
    }
  }
  if (problems.causes.length > 0) return
  checkDeadline(spec, before, problems)
  const kept = listAt(before, 'tolerations').every((one) =>
    listAt(spec, 'tolerations').some((now) => deepEqual(one, now)),
  )
  if (!kept)
    problems.forbidden('spec.tolerations', 'existing toleration can not be modified except its tolerationSeconds')
  if (!deepEqual(withoutChangeable(spec), withoutChangeable(before))) problems.forbidden('spec', ALLOWED)
}

function checkDeadline(spec: JsonObject, before: JsonObject, problems: Problems): void {
  const now = numberAt(spec, 'activeDeadlineSeconds')
  const was = numberAt(before, 'activeDeadlineSeconds')
  if (was === undefined || was === now) return
  if (now === undefined) {
    problems.invalid('spec.activeDeadlineSeconds', null, 'must not update from a positive integer to nil value')
  } else if (now > was) {
    problems.invalid('spec.activeDeadlineSeconds', now, 'must be less than or equal to previous value')
  }
}

/** A gate may be taken away, and a binding gives the node. */
const CHANGEABLE = [
  'activeDeadlineSeconds',
  'tolerations',
  'terminationGracePeriodSeconds',
  'schedulingGates',
  'ephemeralContainers',
]

function withoutChangeable(spec: JsonObject): JsonObject {
  const images = (kind: string) => listAt(spec, kind).map((container) => ({ ...container, image: '' }))
  const rest = Object.entries(spec).filter(([key]) => !CHANGEABLE.includes(key))
  return {
    ...Object.fromEntries(rest),
    containers: images('containers'),
    ...(valueAt(spec, 'initContainers') === null ? {} : { initContainers: images('initContainers') }),
  }
}
