import { deepEqual, type JsonObject } from '@proa/kube'
import { isSet, listAt, objectAt, textAt, textsAt, valueAt } from './fields.ts'
import { report } from './metadata.ts'
import { configKey } from './names.ts'
import type { Problems } from './problems.ts'

const MAX_BYTES = 1024 * 1024

export function checkConfigMap(configMap: JsonObject, problems: Problems): void {
  const texts = objectAt(configMap, 'data')
  const bytes = objectAt(configMap, 'binaryData')
  let size = 0
  for (const [key, value] of Object.entries(texts)) {
    report(problems, `data[${key}]`, key, configKey(key))
    if (Object.hasOwn(bytes, key)) problems.invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')
    size += Buffer.byteLength(String(value))
  }
  for (const [key, value] of Object.entries(bytes)) {
    report(problems, `binaryData[${key}]`, key, configKey(key))
    size += Buffer.from(String(value), 'base64').length
  }
  if (size > MAX_BYTES) problems.tooLong('', `may not be more than ${MAX_BYTES} bytes`)
}

export function checkSecret(secret: JsonObject, problems: Problems): void {
  const data = objectAt(secret, 'data')
  let size = 0
  for (const [key, value] of Object.entries(data)) {
    report(problems, `data[${key}]`, key, configKey(key))
    size += Buffer.from(String(value), 'base64').length
  }
  if (size > MAX_BYTES) problems.tooLong('data', `may not be more than ${MAX_BYTES} bytes`)
  if (textAt(secret, 'type') !== 'kubernetes.io/tls') return
  for (const key of ['tls.crt', 'tls.key']) if (!Object.hasOwn(data, key)) problems.required(`data[${key}]`)
}

/** An immutable ConfigMap or Secret stays as it is. */
export function checkDataUpdate(object: JsonObject, old: JsonObject, problems: Problems): void {
  const kind = textAt(object, 'kind')
  if (kind === 'Secret' && textAt(object, 'type') !== textAt(old, 'type')) {
    problems.invalid('type', textAt(object, 'type'), 'field is immutable')
  }
  if (old.immutable !== true) return
  const words = 'field is immutable when `immutable` is set'
  if (object.immutable !== true) problems.forbidden('immutable', words)
  for (const key of ['data', 'binaryData']) {
    if (!deepEqual(valueAt(object, key), valueAt(old, key))) problems.forbidden(key, words)
  }
}

export function checkRole(role: JsonObject, problems: Problems): void {
  for (const [index, rule] of listAt(role, 'rules').entries()) {
    const field = `rules[${index}]`
    if (textsAt(rule, 'verbs').length === 0)
      problems.required(`${field}.verbs`, 'verbs must contain at least one value')
    if (textsAt(rule, 'nonResourceURLs').length > 0) continue
    if (textsAt(rule, 'apiGroups').length === 0) {
      problems.required(`${field}.apiGroups`, 'resource rules must supply at least one api group')
    }
    if (textsAt(rule, 'resources').length === 0) {
      problems.required(`${field}.resources`, 'resource rules must supply at least one resource')
    }
  }
}

const SUBJECTS = ['ServiceAccount', 'User', 'Group']

export function checkRoleBinding(binding: JsonObject, problems: Problems): void {
  const reference = objectAt(binding, 'roleRef')
  const namespaced = textAt(binding, 'kind') === 'RoleBinding'
  const kinds = namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']
  const kind = textAt(reference, 'kind')
  if (!kinds.includes(kind)) problems.unsupported('roleRef.kind', kind, kinds)
  if (textAt(reference, 'name') === '') problems.required('roleRef.name')
  for (const [index, subject] of listAt(binding, 'subjects').entries()) {
    const field = `subjects[${index}]`
    if (textAt(subject, 'name') === '') problems.required(`${field}.name`)
    const who = textAt(subject, 'kind')
    if (!SUBJECTS.includes(who)) problems.unsupported(`${field}.kind`, who, SUBJECTS)
    // A RoleBinding's own namespace is meant when none is written.
    if (who === 'ServiceAccount' && !namespaced && !isSet(subject, 'namespace')) problems.required(`${field}.namespace`)
  }
}

export function checkRoleBindingUpdate(binding: JsonObject, old: JsonObject, problems: Problems): void {
  const now = valueAt(binding, 'roleRef')
  if (!deepEqual(now, valueAt(old, 'roleRef'))) problems.invalid('roleRef', now, 'cannot change roleRef')
}
