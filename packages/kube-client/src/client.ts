import type { JsonObject } from '@proa/kube'
import type { ClusterConnection } from './config/load.ts'
import { isNotFound } from './errors.ts'
import { type Requester, requester } from './http/requester.ts'
import { warningCollection } from './http/warnings.ts'
import { listAll } from './list.ts'
import { collectionPath, namespaceOf, objectPath, refOf } from './paths/object-path.ts'
import { type ResourceFinder, resourceFinder } from './paths/resource-finder.ts'
import { portForward } from './port-forward/port-forward.ts'
import { realTiming, type Timing } from './timing.ts'
import type { DeleteOptions, KubeClient, ObjectRef, Patch, Query, WaitOptions, WriteOptions } from './types.ts'
import { watchOnce } from './watch/watch.ts'

export interface ClientOptions {
  /** Milliseconds that a request may take, with all its tries; default 30,000. */
  readonly timeout?: number
  /** Milliseconds without a sign of life after which a watch ends; default 150,000. */
  readonly watchIdle?: number
  readonly timing?: Timing
}

const PATCH_TYPES = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
} as const

/** JSON is YAML; the server takes nothing else for server-side apply. */
const APPLY_TYPE = 'application/apply-patch+yaml'

/** A client of the API server that a kubeconfig names. It keeps connections open until `close`. */
export function createClient(connection: ClusterConnection, options: ClientOptions = {}): KubeClient {
  const { timeout = 30_000, watchIdle = 150_000, timing = realTiming } = options
  const closed = new AbortController()
  const warnings = warningCollection()
  const http = requester({ connection, timing, warnings, timeout, closed: closed.signal })
  const resources = resourceFinder(http)
  const close = (): void => {
    closed.abort()
    connection.close()
  }
  return {
    server: connection.server,
    ...reading(http, resources),
    ...writing(http, resources),
    async *watch(ref, signal) {
      const path = collectionPath(await resources.find(ref), ref.apiVersion, ref.namespace)
      // Spread, so that the watches of a program do not all end in the same moment.
      const timeoutSeconds = Math.round(240 + 240 * timing.random())
      yield* watchOnce(
        { requester: http, server: connection.server, path, ref, timeoutSeconds, idle: watchIdle },
        signal,
      )
    },
    request(method, path, body, wait) {
      return http.json({ method, path, body }, wait)
    },
    text(path, query, wait) {
      return http.text({ method: 'GET', path, ...(query === undefined ? {} : { query }) }, wait)
    },
    portForward(to, wait = {}) {
      const signals = wait.signal === undefined ? [closed.signal] : [closed.signal, wait.signal]
      const ask = (path: string, asking: WaitOptions): Promise<string> => http.text({ method: 'GET', path }, asking)
      return portForward({ connection, to, timeout: wait.timeout ?? timeout, signals, ask })
    },
    takeWarnings: warnings.take,
    close,
  }
}

function reading(http: Requester, resources: ResourceFinder): Pick<KubeClient, 'get' | 'find' | 'list'> {
  const get = async (ref: ObjectRef, options?: WaitOptions): Promise<JsonObject> => {
    return http.json({ method: 'GET', path: objectPath(await resources.find(ref), ref) }, options)
  }
  return {
    get,
    async find(ref, options) {
      try {
        return await get(ref, options)
      } catch (error) {
        if (isNotFound(error)) return undefined
        throw error
      }
    },
    async list(ref, options) {
      return listAll(http, collectionPath(await resources.find(ref), ref.apiVersion, ref.namespace), ref, options)
    },
  }
}

function writing(
  http: Requester,
  resources: ResourceFinder,
): Pick<KubeClient, 'create' | 'replace' | 'patch' | 'apply' | 'delete'> {
  return {
    async create(object, options = {}) {
      const ref = refOf(object)
      const info = await resources.find(ref)
      const path =
        options.subresource === undefined
          ? collectionPath(info, ref.apiVersion, namespaceOf(info, ref))
          : objectPath(info, ref, options.subresource)
      return http.json({ method: 'POST', path, query: writeQuery(options), body: object }, options)
    },
    async replace(object, options = {}) {
      const ref = refOf(object)
      const path = objectPath(await resources.find(ref), ref, options.subresource)
      return http.json({ method: 'PUT', path, query: writeQuery(options), body: object })
    },
    async patch(ref, patch, options = {}) {
      const path = objectPath(await resources.find(ref), ref, options.subresource)
      const contentType = PATCH_TYPES[patch.type]
      return http.json({ method: 'PATCH', path, query: writeQuery(options), body: bodyOf(patch), contentType })
    },
    async apply(object, options) {
      const ref = refOf(object)
      const path = objectPath(await resources.find(ref), ref, options.subresource)
      const query = { ...writeQuery(options), force: options.force === true ? 'true' : undefined }
      return http.json({ method: 'PATCH', path, query, body: object, contentType: APPLY_TYPE })
    },
    async delete(ref, options = {}) {
      try {
        const path = objectPath(await resources.find(ref), ref)
        await http.json({ method: 'DELETE', path, body: deleteBody(options) })
        return true
      } catch (error) {
        if (isNotFound(error)) return false
        throw error
      }
    },
  }
}

function writeQuery({ fieldManager, dryRun }: WriteOptions): Query {
  return { fieldManager, dryRun: dryRun === true ? 'All' : undefined }
}

function bodyOf(patch: Patch): JsonObject | readonly JsonObject[] {
  return patch.type === 'json' ? (patch.operations as unknown as readonly JsonObject[]) : patch.body
}

function deleteBody({ dryRun, propagationPolicy, gracePeriodSeconds, preconditions }: DeleteOptions): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
    ...(propagationPolicy === undefined ? {} : { propagationPolicy }),
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    ...(preconditions === undefined ? {} : { preconditions: { ...preconditions } }),
  }
}
