import { getOwn, isObject, type Json, type JsonObject } from '@proa/kube'
import type { ObjectRef } from '@proa/kube-client'

/** The value under these keys, `undefined` as soon as one is missing. */
export function at(value: Json | undefined, ...keys: readonly string[]): Json | undefined {
  let found = value
  for (const key of keys) found = isObject(found) ? getOwn(found, key) : undefined
  return found
}

/** The text under these keys; empty when there is none. */
export function textAt(value: Json | undefined, ...keys: readonly string[]): string {
  const found = at(value, ...keys)
  return typeof found === 'string' ? found : ''
}

export function listAt(value: Json | undefined, ...keys: readonly string[]): readonly Json[] {
  const found = at(value, ...keys)
  return Array.isArray(found) ? found : []
}

export function labelOf(object: JsonObject, key: string): string | undefined {
  const found = at(object, 'metadata', 'labels', key)
  return typeof found === 'string' ? found : undefined
}

export function refOf(object: JsonObject): ObjectRef {
  const namespace = textAt(object, 'metadata', 'namespace')
  return {
    apiVersion: textAt(object, 'apiVersion'),
    kind: textAt(object, 'kind'),
    name: textAt(object, 'metadata', 'name'),
    ...(namespace === '' ? {} : { namespace }),
  }
}

/** `Deployment istio-system/proa-injector` */
export function describeRef({ kind, name, namespace }: ObjectRef): string {
  return namespace === undefined ? `${kind} ${name}` : `${kind} ${namespace}/${name}`
}
