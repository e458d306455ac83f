import { randomUUID } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer, type Server } from 'node:https'
import { AdmissionError } from '../admission/admission.ts'
import { internal, PageNotFound, pathNotFound } from '../api/errors.ts'
import { ApiError, statusOf } from '../api/status.ts'
import type { ApiUser } from '../api/types.ts'
import { authenticate, type Credentials } from '../authentication/authenticate.ts'
import { impersonate } from '../authentication/impersonate.ts'
import { forbidden } from '../authorization/refusal.ts'
import type { AccessRequest, Authorizer } from '../authorization/types.ts'
import { discoveryResponse } from '../discovery/discovery.ts'
import { addWarning, JSON_FORMAT, sendObject, sendText } from './answer.ts'
import { type RequestInfo, readRequestInfo } from './request-info.ts'
import { handleResource, type Serving } from './resource-handler.ts'
import { onUpgrade, type Upgrade } from './upgrade.ts'

export interface HttpOptions {
  readonly serving: Serving
  readonly credentials: Credentials
  readonly certificate: string
  readonly privateKey: string
  /** PEM of the authority of client certificates. */
  readonly clientCa: string
  /** `host:port` that clients reach. */
  readonly address: () => string
  readonly log: (level: 'debug' | 'warn', message: string) => void
}

/** The API over HTTPS. Whatever comes in, a Status or what was asked for goes out. */
export function createHttpServer(options: HttpOptions): Server {
  const server = createServer(
    {
      cert: options.certificate,
      key: options.privateKey,
      ca: options.clientCa,
      requestCert: true,
      // A certificate of another authority makes nobody of the client, and is no reason to hang up.
      rejectUnauthorized: false,
      minVersion: 'TLSv1.2',
    },
    (request, response) => {
      serve(options, request, response).catch((error: unknown) => fail(options, request, response, error))
    },
  )
  onUpgrade(server, (request, response, upgrade) => {
    serve(options, request, response, upgrade).catch((error: unknown) => fail(options, request, response, error))
  })
  // A watch is quiet for long.
  server.requestTimeout = 0
  server.keepAliveTimeout = 120_000
  return server
}

async function serve(
  options: HttpOptions,
  request: IncomingMessage,
  response: ServerResponse,
  upgrade?: Upgrade,
): Promise<void> {
  const { serving, credentials } = options
  response.setHeader('Audit-Id', randomUUID())
  response.setHeader('Cache-Control', 'no-cache, private')
  const url = parseUrl(request.url ?? '/')
  const info = readRequestInfo(request.method ?? 'GET', url.pathname, url.searchParams)
  const { authorizer } = serving.backend
  const user = impersonate(authenticate(request, credentials), request.headers, authorizer)
  const access = accessOf(user, info, url.searchParams)
  const verdict = authorizer.decide(access)
  if (!verdict.allowed) throw forbidden(access, verdict.reason)
  const refusal = streamRefusal(access, authorizer)
  if (refusal !== undefined) throw refusal
  if (info.kind === 'resource') await handleResource(serving, info, user, request, response, url.searchParams, upgrade)
  else other(options, request, response, url)
}

/** A target that is no URL is answered like a path that is not there. */
function parseUrl(target: string): URL {
  try {
    const url = new URL(`https://cluster/${target.replace(/^\/+/, '')}`)
    return Object.assign(url, { pathname: decodeURI(url.pathname) })
  } catch {
    throw pathNotFound()
  }
}

function accessOf(user: ApiUser, info: RequestInfo, query: URLSearchParams): AccessRequest {
  if (info.kind === 'other') return { user, verb: info.verb, path: info.path }
  const { verb, group, version, resource, subresource, namespace, name } = info
  // A list of one name is authorized like that one object, so that a role with resourceNames can watch it.
  return { user, verb, group, version, resource, subresource, namespace, name: name || selectedName(query) }
}

/** A WebSocket begins with a GET and does what a POST does; since 1.35 it needs the right to that, too. */
function streamRefusal(access: AccessRequest, authorizer: Authorizer): ApiError | undefined {
  const isStream = 'resource' in access && access.resource === 'pods' && STREAMS.has(access.subresource)
  if (!isStream || access.verb !== 'get') return undefined
  const { allowed, reason } = authorizer.decide({ ...access, verb: 'create' })
  const details = { name: access.name, kind: 'pods' }
  return allowed ? undefined : new ApiError(403, 'Forbidden', `pods "${access.name}" is forbidden: ${reason}`, details)
}

const STREAMS: ReadonlySet<string> = new Set(['exec', 'attach', 'portforward'])

function selectedName(query: URLSearchParams): string {
  const terms = (query.get('fieldSelector') ?? '').split(',').map((term) => /^metadata\.name==?(.+)$/.exec(term)?.[1])
  return terms.find((name) => name !== undefined) ?? ''
}

function other({ serving, address }: HttpOptions, request: IncomingMessage, response: ServerResponse, url: URL): void {
  const { registry, tokens } = serving.backend
  const path = url.pathname
  if (path === '/openid/v1/jwks') {
    sendText(response, 200, JSON.stringify(tokens.keys), 'application/jwk-set+json')
    return
  }
  if (path === '/.well-known/openid-configuration') {
    sendObject(response, 200, openIdConfiguration(tokens.issuer, address()), JSON_FORMAT)
    return
  }
  const accept = request.headers.accept ?? ''
  const found = discoveryResponse(`${path}${url.search}`, accept, registry.all(), {
    address: address(),
    customSchema: (type) => registry.byPath(type.group, type.version, type.resource)?.custom?.schema,
  })
  if (found === undefined) throw path.startsWith('/api/') ? pathNotFound() : new PageNotFound()
  sendText(response, found.status, found.body, found.contentType)
}

function openIdConfiguration(issuer: string, address: string): { readonly [key: string]: string | readonly string[] } {
  return {
    issuer,
    jwks_uri: `https://${address}/openid/v1/jwks`,
    response_types_supported: ['id_token'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['ES256'],
  }
}

function fail({ log }: HttpOptions, request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.destroyed) return
  if (error instanceof PageNotFound) {
    sendText(response, 404, '404 page not found\n', 'text/plain; charset=utf-8')
    return
  }
  if (!(error instanceof ApiError)) {
    log(
      'warn',
      `${request.method} ${request.url?.split('?', 1)[0]}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`,
    )
  }
  if (error instanceof AdmissionError) for (const warning of error.warnings) addWarning(response, warning)
  const refusal = error instanceof ApiError ? error : internal(error instanceof Error ? error.message : String(error))
  if (response.headersSent) {
    response.end()
    return
  }
  const retry = refusal.details?.retryAfterSeconds
  if (typeof retry === 'number') response.setHeader('Retry-After', String(retry))
  // What is left of the body is not read: the connection cannot be used again.
  if (!request.complete) response.setHeader('Connection', 'close')
  sendObject(response, refusal.code, statusOf(refusal), JSON_FORMAT)
}
