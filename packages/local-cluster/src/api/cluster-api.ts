import type { JsonObject } from '@proa/kube'
import type { ResourceDefinition } from '../resources/definition.ts'
import { type Backend, type Call, storeKey } from './backend.ts'
import { served } from './convert.ts'
import { createObject } from './create.ts'
import { deleteObject } from './delete.ts'
import { pathNotFound } from './errors.ts'
import { metaText, nameOf } from './metadata.ts'
import { createSubresource, updateSubresource } from './subresources.ts'
import type { ApiUser, ClusterApi, ObjectChange, ObjectKey, WriteOptions } from './types.ts'
import { updateObject } from './update.ts'

export const SYSTEM_USER: ApiUser = { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] }

const PARENTS: Readonly<Record<string, string>> = { Binding: 'Pod', Eviction: 'Pod', TokenRequest: 'ServiceAccount' }

/** The API for what runs in the same process. */
export function createClusterApi(backend: Backend, user: ApiUser = SYSTEM_USER): ClusterApi {
  const callFor = (type: ResourceDefinition, namespace: string, name: string, options: WriteOptions): Call => ({
    type,
    namespace: type.namespaced ? namespace : '',
    name,
    subresource: options.subresource ?? '',
    user,
    dryRun: options.dryRun ?? false,
    fieldManager: options.fieldManager ?? user.username.replace(/^.*:/, ''),
    warn: () => {},
  })
  const typeOf = (apiVersion: unknown, kind: unknown): ResourceDefinition => {
    const type = backend.registry.byKind(String(apiVersion), String(kind))
    if (type === undefined) throw pathNotFound()
    return type
  }
  /** Objects of a subresource are no resource: they are sent to the one that they are about. */
  const targetOf = (object: JsonObject, options: WriteOptions): ResourceDefinition => {
    const parent = options.subresource === undefined ? undefined : PARENTS[String(object.kind)]
    return parent === undefined ? typeOf(object.apiVersion, object.kind) : typeOf('v1', parent)
  }
  return {
    find(key: ObjectKey) {
      const type = typeOf(key.apiVersion, key.kind)
      const found = backend.store.get(
        storeKey({ type, namespace: type.namespaced ? key.namespace : '', name: key.name }),
      )
      return found === undefined ? undefined : served(type, found)
    },
    list({ apiVersion, kind }, namespace) {
      const type = typeOf(apiVersion, kind)
      const items = backend.store.list(type.bucket, namespace === '' ? undefined : namespace)
      return items.map((one) => served(type, one))
    },
    async create(object, options = {}) {
      const type = targetOf(object, options)
      const call = callFor(type, metaText(object, 'namespace'), nameOf(object), options)
      return options.subresource === undefined
        ? createObject(backend, call, object)
        : createSubresource(backend, call, object)
    },
    async update(object, options = {}) {
      const type = typeOf(object.apiVersion, object.kind)
      const call = callFor(type, metaText(object, 'namespace'), nameOf(object), options)
      return options.subresource === undefined
        ? updateObject(backend, call, object)
        : updateSubresource(backend, call, object)
    },
    async delete(key, options = {}) {
      const type = typeOf(key.apiVersion, key.kind)
      await deleteObject(
        backend,
        callFor(type, key.namespace, key.name, options.dryRun === true ? { dryRun: true } : {}),
        options,
      )
    },
    onChange(listener) {
      return backend.store.onChange(({ type, object, before }) => {
        const change: ObjectChange = { type, object, before }
        listener(change)
      })
    },
    as: (other) => createClusterApi(backend, other),
  }
}
