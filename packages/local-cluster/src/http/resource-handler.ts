import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Backend, Call } from '../api/backend.ts'
import { methodNotAllowed, notAcceptable, PageNotFound, pathNotFound } from '../api/errors.ts'
import { ApiError } from '../api/status.ts'
import type { ApiUser } from '../api/types.ts'
import type { ClusterNetwork } from '../network/network.ts'
import { BUILTIN_RESOURCES } from '../resources/builtin.ts'
import type { ResourceDefinition } from '../resources/definition.ts'
import { addWarning } from './answer.ts'
import { sendLog } from './log-handler.ts'
import { ACCEPTED, chooseFormat, parseAccept } from './media-type.ts'
import { forwardPorts } from './port-forward-handler.ts'
import { type Shown, type TableRenderer, tableOptions } from './presentation.ts'
import { get, list, watch } from './read-handlers.ts'
import { isTrue, type ResourcePath } from './request-info.ts'
import type { Upgrade } from './upgrade.ts'
import { create, patch, remove, removeCollection, update } from './write-handlers.ts'

/** What the handlers of one server share. */
export interface Serving {
  readonly backend: Backend
  readonly render: TableRenderer
  /** Aborted when the server stops. */
  readonly signal: AbortSignal
  /** Milliseconds. */
  readonly bookmarkEvery: number
  readonly network: ClusterNetwork
}

/** One request on its way. */
export interface Exchange {
  readonly serving: Serving
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly query: URLSearchParams
  readonly call: Call
  readonly shown: Shown
}

type Handler = (exchange: Exchange) => Promise<void> | void

const HANDLERS: Readonly<Record<string, Handler>> = {
  get,
  list,
  watch,
  create,
  update,
  patch,
  delete: remove,
  deletecollection: removeCollection,
}

/** They lead into containers, and there is no container runtime. */
const NOT_HERE: ReadonlySet<string> = new Set(['exec', 'attach', 'proxy'])

function notHere({ resource }: ResourceDefinition, subresource: string): ApiError {
  const reason = 'the local cluster has no container runtime'
  return new ApiError(501, 'NotImplemented', `${resource}/${subresource} is not here: ${reason}`)
}

/** Serves a request for a resource; whoever sends it may do so. */
export async function handleResource(
  serving: Serving,
  info: ResourcePath,
  user: ApiUser,
  request: IncomingMessage,
  response: ServerResponse,
  query: URLSearchParams,
  upgrade?: Upgrade,
): Promise<void> {
  const { backend } = serving
  const type = backend.registry.byPath(info.group, info.version, info.resource)
  if (type === undefined && !isBuiltInGroup(info.group)) throw new PageNotFound()
  if (type === undefined || !isServed(type, info)) throw pathNotFound()
  const call: Call = {
    type,
    namespace: type.namespaced ? info.namespace : '',
    name: info.name,
    subresource: info.subresource,
    user,
    dryRun: false,
    fieldManager: '',
    warn: (text) => addWarning(response, text),
  }
  if (NOT_HERE.has(info.subresource)) throw notHere(type, info.subresource)
  if (info.subresource === 'portforward') return forwardPorts(serving, call, query, { request, response, upgrade })
  const deprecation = DEPRECATED.get(type.bucket)
  if (deprecation !== undefined) call.warn(deprecation)
  if (info.subresource === 'log' && info.verb === 'get') return sendLog(backend, call, query, response, serving.signal)
  const format = chooseFormat(parseAccept(request.headers.accept), isTrue(query.get('pretty')))
  if (format === undefined) throw notAcceptable(ACCEPTED)
  const verb = info.verb === 'watch' && info.name !== '' && info.subresource !== '' ? 'get' : info.verb
  const handler = Object.hasOwn(HANDLERS, verb) ? HANDLERS[verb] : undefined
  if (handler === undefined || !allowsVerb(type, info, verb)) throw methodNotAllowed()
  const shown: Shown = { type, format, table: tableOptions(query, format.version), render: serving.render }
  await handler({ serving, request, response, query, call, shown })
}

/** What every answer to a request for one of these warns of, by bucket. */
const DEPRECATED: ReadonlyMap<string, string> = new Map([
  ['endpoints', 'v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice'],
])

/** Groups of custom resources are served by a part of the API server that answers unknown paths with a text. */
function isBuiltInGroup(group: string): boolean {
  return BUILTIN_RESOURCES.some((one) => one.group === group)
}

function isServed(type: ResourceDefinition, info: ResourcePath): boolean {
  if (info.subresource !== '' && !type.subresources.includes(info.subresource)) return false
  // A namespaced resource without its namespace can only be listed and watched.
  if (type.namespaced && info.namespace === '') return info.name === ''
  return type.namespaced || info.namespace === '' || type.bucket === 'namespaces'
}

function allowsVerb(type: ResourceDefinition, info: ResourcePath, verb: string): boolean {
  if (info.subresource !== '') return verb !== 'deletecollection'
  if (verb === 'create' && info.name !== '') return false
  if ((verb === 'update' || verb === 'patch') && info.name === '') return false
  if (type.namespaced && info.namespace === '' && verb !== 'list' && verb !== 'watch' && verb !== 'create') return false
  return type.verbs.includes(verb)
}
