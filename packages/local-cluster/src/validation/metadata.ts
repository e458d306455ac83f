import { type JsonObject, labelKeyProblems, labelValueProblems, utf8Length } from '@proa/kube'
import type { ResourceType } from '../api/types.ts'
import { isSet, listAt, objectAt, pairsAt, textAt, textsAt, valueAt } from './fields.ts'
import { labelName, labelWithoutDots, pathSegment, subdomainName } from './names.ts'
import type { Problems } from './problems.ts'

/** Kinds whose names have rules of their own; all others are subdomains. */
const NAME_RULES: ReadonlyMap<string, (name: string) => readonly string[]> = new Map([
  ['/Namespace', labelWithoutDots],
  ['/Service', labelName],
  ['rbac.authorization.k8s.io/ClusterRole', pathSegment],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', pathSegment],
  ['rbac.authorization.k8s.io/Role', pathSegment],
  ['rbac.authorization.k8s.io/RoleBinding', pathSegment],
])

const MAX_ANNOTATIONS = 256 * 1024
const STANDARD_FINALIZERS = new Set(['orphan', 'foregroundDeletion', 'kubernetes'])
/** Groups whose finalizers need a domain. Others, and custom resources, take any. */
const STRICT_FINALIZERS = new Set([
  '',
  'apps',
  'autoscaling',
  'batch',
  'discovery.k8s.io',
  'events.k8s.io',
  'networking.k8s.io',
  'rbac.authorization.k8s.io',
  'scheduling.k8s.io',
  'storage.k8s.io',
])

export function checkMetadata(object: JsonObject, type: ResourceType, problems: Problems): void {
  const metadata = objectAt(object, 'metadata')
  const rule = NAME_RULES.get(`${type.group}/${type.kind}`) ?? subdomainName
  const prefix = textAt(metadata, 'generateName')
  // The end of the name is still to come, so that a hyphen is no bad end.
  if (prefix !== '') report(problems, 'metadata.generateName', prefix, rule(prefix.replace(/-$/, 'a')))
  const name = textAt(metadata, 'name')
  if (name === '') problems.required('metadata.name', 'name or generateName is required')
  else report(problems, 'metadata.name', name, rule(name))
  checkLabels(metadata, 'metadata.labels', problems)
  checkAnnotations(metadata, 'metadata.annotations', problems)
  checkOwners(metadata, problems)
  checkFinalizers(metadata, type, problems)
}

export function report(problems: Problems, field: string, value: string, words: readonly string[]): void {
  for (const one of words) problems.invalid(field, value, one)
}

/** Labels in `labels` of an object; the field may be called otherwise. */
export function checkLabels(holder: JsonObject, field: string, problems: Problems, key = 'labels'): void {
  for (const [label, value] of pairsAt(holder, key)) {
    report(problems, field, label, labelKeyProblems(label))
    report(problems, field, value, labelValueProblems(value))
  }
}

export function checkAnnotations(holder: JsonObject, field: string, problems: Problems): void {
  let size = 0
  for (const [key, value] of pairsAt(holder, 'annotations')) {
    report(problems, field, key, labelKeyProblems(key.toLowerCase()))
    size += utf8Length(key) + utf8Length(value)
  }
  if (size > MAX_ANNOTATIONS) problems.tooLong(field, `may not be more than ${MAX_ANNOTATIONS} bytes`)
}

function checkOwners(metadata: JsonObject, problems: Problems): void {
  const field = 'metadata.ownerReferences'
  const owners = listAt(metadata, 'ownerReferences')
  const seen: string[] = []
  for (const owner of owners) {
    const apiVersion = textAt(owner, 'apiVersion')
    if (apiVersion === '') problems.invalid(`${field}.apiVersion`, '', 'version must not be empty')
    for (const key of ['kind', 'name', 'uid']) {
      if (textAt(owner, key) === '') problems.invalid(`${field}.${key}`, '', 'must not be empty')
    }
    if (owner.controller === true) seen.push(`${textAt(owner, 'kind')}/${textAt(owner, 'name')}`)
  }
  if (seen.length < 2) return
  const which = `Found "true" in references for ${seen[0]} and ${seen[1]}`
  problems.invalid(
    field,
    valueAt(metadata, 'ownerReferences'),
    `Only one reference can have Controller set to true. ${which}`,
  )
}

function checkFinalizers(metadata: JsonObject, { group }: ResourceType, problems: Problems): void {
  const field = 'metadata.finalizers'
  const finalizers = textsAt(metadata, 'finalizers')
  for (const finalizer of finalizers) report(problems, field, finalizer, labelKeyProblems(finalizer))
  if (!STRICT_FINALIZERS.has(group)) return
  for (const [index, finalizer] of finalizers.entries()) {
    if (finalizer.includes('/') || STANDARD_FINALIZERS.has(finalizer)) continue
    const words = 'name is neither a standard finalizer name nor is it fully qualified'
    problems.invalid(`${field}[${index}]`, finalizer, words)
  }
}

/** What never changes, whatever the kind. */
export function checkMetadataUpdate(object: JsonObject, old: JsonObject, problems: Problems): void {
  const now = objectAt(object, 'metadata')
  const before = objectAt(old, 'metadata')
  for (const key of ['name', 'namespace', 'uid', 'creationTimestamp']) {
    if (!isSet(before, key) || textAt(now, key) === textAt(before, key)) continue
    problems.invalid(`metadata.${key}`, textAt(now, key), 'field is immutable')
  }
}
