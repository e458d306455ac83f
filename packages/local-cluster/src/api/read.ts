import { isObject, type Json, type JsonObject } from '@proa/kube'
import { apiVersionOf } from '../resources/definition.ts'
import { keyOf } from '../store/store.ts'
import { type Backend, type Call, storeKey } from './backend.ts'
import { served } from './convert.ts'
import { badRequest, expired, invalid, notFound } from './errors.ts'
import { selection } from './selection.ts'
import { ApiError } from './status.ts'

export function getObject(backend: Backend, call: Call): JsonObject {
  const found = backend.store.get(storeKey(call))
  if (found === undefined) throw notFound(call.type, call.name)
  return served(call.type, found)
}

export interface ListQuery {
  readonly labelSelector: string
  readonly fieldSelector: string
  /** 0: no limit. */
  readonly limit: number
  readonly continueToken: string
  readonly resourceVersion: string
  readonly resourceVersionMatch: string
}

/** What a page of a list begins after, and of which state it is a page. */
interface Page {
  readonly revision: number
  readonly after: string
}

export interface Listed {
  readonly items: readonly JsonObject[]
  readonly metadata: JsonObject
}

export function listObjects(backend: Backend, call: Call, query: ListQuery): Listed {
  const selects = selection(call.type, query.labelSelector, query.fieldSelector)
  checkVersions(query)
  const page = query.continueToken === '' ? firstPage(backend, query) : readContinue(query.continueToken)
  const all = backend.store.listAt(page.revision, call.type.bucket, call.namespace === '' ? undefined : call.namespace)
  if (all === undefined)
    throw query.continueToken === '' ? tooOld(page.revision, backend.store.compacted) : staleContinue()
  const rest = all.map((one) => served(call.type, one)).filter((one) => selects(one) && keyOf(one) > page.after)
  const items = query.limit > 0 ? rest.slice(0, query.limit) : rest
  const left = rest.length - items.length
  const last = items.at(-1)
  const more: JsonObject =
    left > 0 && last !== undefined
      ? {
          continue: writeContinue({ revision: page.revision, after: keyOf(last) }),
          ...(query.labelSelector === '' && query.fieldSelector === '' ? { remainingItemCount: left } : {}),
        }
      : {}
  return { items, metadata: { ...more, resourceVersion: String(page.revision) } }
}

export function listDocument(call: Call, { items, metadata }: Listed): JsonObject {
  return {
    kind: `${call.type.kind}List`,
    apiVersion: apiVersionOf(call.type),
    metadata,
    items: items.map((item) => stripped(call, item)),
  }
}

/** Items of a list of built-in kinds do not repeat what the list says. */
function stripped(call: Call, item: JsonObject): JsonObject {
  if (call.type.custom !== undefined) return item
  const { apiVersion: _version, kind: _kind, ...rest } = item
  return rest
}

function firstPage(backend: Backend, query: ListQuery): Page {
  const wanted = query.resourceVersion === '' ? 0 : parseVersion(query.resourceVersion)
  const { revision } = backend.store
  if (wanted === undefined) throw badRequest(`invalid resource version: ${versionProblem(query.resourceVersion)}`)
  if (wanted > revision) throw tooLarge(wanted, revision)
  return { revision: query.resourceVersionMatch === 'Exact' ? wanted : revision, after: '' }
}

function checkVersions({ resourceVersion, resourceVersionMatch, continueToken }: ListQuery): void {
  const refuse = (message: string, reason = 'FieldValueForbidden', field = 'resourceVersionMatch'): ApiError =>
    invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', [{ field, reason, message }])
  if (resourceVersionMatch !== '') {
    if (resourceVersion === '')
      throw refuse('Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided')
    if (continueToken !== '') throw refuse('Forbidden: resourceVersionMatch is forbidden when continue is provided')
    if (resourceVersionMatch !== 'Exact' && resourceVersionMatch !== 'NotOlderThan')
      throw refuse(
        `Unsupported value: ${JSON.stringify(resourceVersionMatch)}: supported values: "Exact", "NotOlderThan", ""`,
        'FieldValueNotSupported',
      )
    if (resourceVersionMatch === 'Exact' && resourceVersion === '0')
      throw refuse('Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"')
  }
  if (continueToken !== '' && resourceVersion !== '' && resourceVersion !== '0')
    throw badRequest('specifying resource version is not allowed when using continue')
}

/** Undefined when the text is no version. */
export function parseVersion(text: string): number | undefined {
  return /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

export function versionProblem(text: string): string {
  return `resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`
}

function tooLarge(wanted: number, revision: number): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: Too large resource version: ${wanted}, current: ${revision}`, {
    causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
    retryAfterSeconds: 1,
  })
}

function tooOld(wanted: number, compacted: number): ApiError {
  return expired(
    `The resourceVersion for the provided list is too old. (${wanted}, compacted ${compacted})`.replace(/ \(.*/, ''),
  )
}

function staleContinue(): ApiError {
  return expired(
    'The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.',
  )
}

function writeContinue(page: Page): string {
  return Buffer.from(JSON.stringify({ v: 'meta.k8s.io/v1', rv: page.revision, start: page.after })).toString(
    'base64url',
  )
}

function readContinue(token: string): Page {
  let value: Json = null
  try {
    value = JSON.parse(Buffer.from(token, 'base64url').toString('utf8')) as Json
  } catch {
    // Not one of ours: refused below.
  }
  if (!isObject(value) || typeof value.rv !== 'number' || typeof value.start !== 'string')
    throw badRequest('invalid continue token: continue key is not valid: it was not made by this server')
  return { revision: value.rv, after: value.start }
}
