import { getOwn, isArray, isObject, type JsonObject } from '@proa/kube'
import { isNotFound, StatusError } from '../errors.ts'
import type { Requester } from '../http/requester.ts'
import type { KindRef } from '../types.ts'
import { builtInKind, type ResourceInfo } from './built-in-kinds.ts'

export interface ResourceFinder {
  /** @throws StatusError (NotFound) when the server has no such kind */
  find(ref: KindRef): Promise<ResourceInfo>
}

/** Built-in kinds from a table, the others by asking the server; what was found is remembered, what was not is asked again. */
export function resourceFinder(requester: Requester): ResourceFinder {
  const known = new Map<string, ResourceInfo>()
  return {
    async find({ apiVersion, kind }) {
      const key = `${apiVersion} ${kind}`
      const found = builtInKind(apiVersion, kind) ?? known.get(key)
      if (found !== undefined) return found
      const discovered = await discover(requester, apiVersion, kind)
      known.set(key, discovered)
      return discovered
    },
  }
}

/** `/api/v1`, `/apis/apps/v1` */
export function groupPath(apiVersion: string): string {
  return apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`
}

async function discover(requester: Requester, apiVersion: string, kind: string): Promise<ResourceInfo> {
  let list: JsonObject
  try {
    list = await requester.json({ method: 'GET', path: groupPath(apiVersion) })
  } catch (error) {
    throw isNotFound(error) ? unknownKind(apiVersion, kind) : error
  }
  const resources = getOwn(list, 'resources')
  for (const resource of isArray(resources) ? resources : []) {
    if (!isObject(resource) || getOwn(resource, 'kind') !== kind) continue
    const name = getOwn(resource, 'name')
    // `pods/status` is of kind Pod too.
    if (typeof name !== 'string' || name.includes('/')) continue
    return { resource: name, namespaced: getOwn(resource, 'namespaced') === true }
  }
  throw unknownKind(apiVersion, kind)
}

function unknownKind(apiVersion: string, kind: string): StatusError {
  const message = `the server has no kind ${kind} in ${apiVersion}`
  return new StatusError(message, 404, 'NotFound', {
    apiVersion: 'v1',
    kind: 'Status',
    status: 'Failure',
    message,
    reason: 'NotFound',
    code: 404,
  })
}
