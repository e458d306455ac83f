import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { StatusError } from '../errors.ts'
import type { ListRef, ObjectRef } from '../types.ts'
import type { ResourceInfo } from './built-in-kinds.ts'
import { groupPath } from './resource-finder.ts'

/** Path of a collection; without a namespace that of all namespaces. */
export function collectionPath({ resource, namespaced }: ResourceInfo, apiVersion: string, namespace?: string): string {
  const scope = namespaced && namespace !== undefined ? `/namespaces/${encodeURIComponent(namespace)}` : ''
  if (namespace !== undefined) checkSegment('namespace', namespace)
  return `${groupPath(apiVersion)}${scope}/${resource}`
}

/**
 * @throws TypeError when a namespaced object is named without its namespace: it could only be a mistake of the caller
 * @throws StatusError (Invalid) for a name that would lead elsewhere
 */
export function objectPath(info: ResourceInfo, ref: ObjectRef, subresource?: string): string {
  const collection = collectionPath(info, ref.apiVersion, namespaceOf(info, ref))
  const tail = subresource === undefined ? '' : `/${subresource}`
  checkSegment(ref.kind, ref.name)
  return `${collection}/${encodeURIComponent(ref.name)}${tail}`
}

/** An address goes up by these: deleting the ConfigMap `..` of a namespace would delete the namespace. */
function checkSegment(what: string, name: string): void {
  if (name !== '.' && name !== '..') return
  const message = `${what} "${name}" is invalid: may not be '.' or '..'`
  const status = { apiVersion: 'v1', kind: 'Status', status: 'Failure', message, reason: 'Invalid', code: 422 }
  throw new StatusError(message, 422, 'Invalid', status)
}

export function namespaceOf(
  info: ResourceInfo,
  ref: Pick<ObjectRef, 'kind' | 'name' | 'namespace'>,
): string | undefined {
  if (!info.namespaced) return undefined
  if (ref.namespace !== undefined && ref.namespace !== '') return ref.namespace
  throw new TypeError(`${ref.kind} ${ref.name}: a namespace is needed`)
}

/** What an object calls itself. @throws TypeError for one without apiVersion, kind or name */
export function refOf(object: JsonObject): ObjectRef {
  const { apiVersion, kind } = object
  const metadata = getOwn(object, 'metadata')
  const name = isObject(metadata) ? getOwn(metadata, 'name') : undefined
  const namespace = isObject(metadata) ? getOwn(metadata, 'namespace') : undefined
  if (typeof apiVersion !== 'string' || typeof kind !== 'string')
    throw new TypeError('the object has no apiVersion or kind')
  return {
    apiVersion,
    kind,
    // Without a name it may have a generateName; the server says what it thinks of neither.
    name: typeof name === 'string' ? name : '',
    ...(typeof namespace === 'string' && namespace !== '' ? { namespace } : {}),
  }
}

export function selectorQuery({ labelSelector, fieldSelector }: ListRef): {
  readonly [name: string]: string | undefined
} {
  return { labelSelector, fieldSelector }
}
