import { isObject, type Json, type JsonObject } from '@proa/kube'
import type { Call } from '../api/backend.ts'
import { createObject } from '../api/create.ts'
import { deleteObject } from '../api/delete.ts'
import { badRequest, invalid, methodNotAllowed, pathNotFound } from '../api/errors.ts'
import { metaText, nameOf } from '../api/metadata.ts'
import { type PatchKind, patchObject, patchScale } from '../api/patch.ts'
import { listDocument, listObjects } from '../api/read.ts'
import { replaceObject } from '../api/replace.ts'
import { createReview } from '../api/reviews.ts'
import { ApiError } from '../api/status.ts'
import { bindPod, createSubresource, isObjectPart, updateSubresource } from '../api/subresources.ts'
import { sendObject } from './answer.ts'
import { readBody } from './body.ts'
import { deleteOptions } from './delete-options.ts'
import { parseMediaType } from './media-type.ts'
import { showList, showObject } from './presentation.ts'
import { listQuery, requestTimeout, type WriteQuery, writeQuery } from './query.ts'
import { type Body, reading, readObject, readOptions, readPatch } from './reading.ts'
import type { Exchange } from './resource-handler.ts'

function writing(
  { call, query, request }: Exchange,
  kind: string,
): { readonly call: Call; readonly options: WriteQuery } {
  const options = writeQuery(kind, query, request.headers['user-agent'])
  const timeout = requestTimeout(query)
  const given = timeout === undefined ? {} : { timeout }
  return { call: { ...call, dryRun: options.dryRun, fieldManager: options.fieldManager, ...given }, options }
}

async function bodyOf({ request }: Exchange): Promise<Body> {
  return { bytes: await readBody(request), contentType: request.headers['content-type'] }
}

export async function create(exchange: Exchange): Promise<void> {
  const { serving, shown, response } = exchange
  const { backend } = serving
  const { call, options } = writing(exchange, 'CreateOptions')
  const source = await bodyOf(exchange)
  const body = readObject(call.type.kind, source)
  if (call.subresource !== '') {
    const answer = await createSubresource(backend, call, named(call, body))
    sendObject(response, 201, answer, shown.format)
    return
  }
  if (call.type.namespaced && call.namespace === '' && call.type.verbs.length > 1) throw methodNotAllowed()
  const object = reading(call, options, source)(body)
  if (call.type.verbs.length === 1) {
    const answer =
      call.type.kind === 'Binding' ? await bind(exchange, call, object) : createReview(backend, call, object)
    sendObject(response, 201, answer, shown.format)
    return
  }
  const created = await createObject(backend, call, object)
  sendObject(response, 201, showObject(shown, created), shown.format)
}

function bind({ serving }: Exchange, call: Call, binding: JsonObject): Promise<JsonObject> {
  const pods = serving.backend.registry.byPath('', 'v1', 'pods')
  if (pods === undefined) throw pathNotFound()
  return bindPod(serving.backend, { ...call, type: pods, name: nameOf(binding) }, binding)
}

/** The object of a subresource may name the object that the path names, or nothing. */
function named(call: Call, body: JsonObject): JsonObject {
  const name = nameOf(body)
  if (name !== '' && name !== call.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`)
  const namespace = metaText(body, 'namespace')
  if (namespace !== '' && namespace !== call.namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
  return body
}

export async function update(exchange: Exchange): Promise<void> {
  const { serving, shown, response } = exchange
  const { call, options } = writing(exchange, 'UpdateOptions')
  const source = await bodyOf(exchange)
  const body = readObject(call.type.kind, source)
  const whole = call.subresource === '' || isObjectPart(call.subresource)
  const object = whole ? reading(call, options, source)(body) : named(call, body)
  const { object: updated, created } =
    call.subresource === ''
      ? await replaceObject(serving.backend, call, object)
      : { object: await updateSubresource(serving.backend, call, object), created: false }
  sendObject(response, created ? 201 : 200, showObject(shown, updated), shown.format)
}

const PATCHES: Readonly<Record<string, PatchKind>> = {
  'application/json-patch+json': 'json',
  'application/merge-patch+json': 'merge',
  'application/strategic-merge-patch+json': 'strategic',
  'application/apply-patch+yaml': 'apply',
}

export async function patch(exchange: Exchange): Promise<void> {
  const { serving, shown, response, request, query } = exchange
  const { type: mediaType } = parseMediaType(request.headers['content-type'] ?? '')
  const kind = Object.hasOwn(PATCHES, mediaType) ? PATCHES[mediaType] : undefined
  if (kind === undefined) throw new ApiError(415, 'UnsupportedMediaType', '415: Unsupported Media Type', {})
  const { call, options } = writing(exchange, 'PatchOptions')
  if (query.has('force') && kind !== 'apply') throw forceWithoutApply()
  const source = await bodyOf(exchange)
  const value = readPatch(source)
  const manager = kind === 'apply' ? (query.get('fieldManager') ?? '') : call.fieldManager
  const patched = {
    kind,
    body: value,
    force: options.force,
    read: reading(call, options, kind === 'apply' ? source : undefined),
  }
  if (call.subresource === 'scale') {
    sendObject(response, 200, await patchScale(serving.backend, call, patched), shown.format)
    return
  }
  if (call.subresource !== '' && !isObjectPart(call.subresource)) throw methodNotAllowed()
  const { object, created } = await patchObject(serving.backend, { ...call, fieldManager: manager }, patched)
  sendObject(response, created ? 201 : 200, showObject(shown, object), shown.format)
}

function forceWithoutApply(): Error {
  const message = 'Forbidden: may not be specified for non-apply patch'
  return invalid({ group: 'meta.k8s.io', kind: 'PatchOptions' }, '', [
    { field: 'force', reason: 'FieldValueForbidden', message },
  ])
}

async function optionalBody({ request }: Exchange): Promise<Json | undefined> {
  const bytes = await readBody(request)
  if (bytes.length === 0) return undefined
  const options = readOptions({ bytes, contentType: request.headers['content-type'] })
  if (isObject(options) && options.kind !== undefined && options.kind !== 'DeleteOptions') {
    const version = JSON.stringify(options.apiVersion ?? '')
    throw badRequest(
      `no kind ${JSON.stringify(options.kind)} is registered for version ${version} in scheme "pkg/runtime/scheme.go:111"`,
    )
  }
  return options
}

export async function remove(exchange: Exchange): Promise<void> {
  const { serving, shown, response, query } = exchange
  if (exchange.call.subresource !== '') throw methodNotAllowed()
  const { options, dryRun } = deleteOptions(await optionalBody(exchange), query)
  const call = { ...exchange.call, dryRun }
  const { object, gone } = await deleteObject(serving.backend, call, options)
  const answer = gone && !RETURNED.has(call.type.bucket) ? deleted(call, object) : showObject(shown, object)
  sendObject(response, 200, answer, shown.format)
}

/** Kinds whose last state is the answer to their deletion. */
const RETURNED: ReadonlySet<string> = new Set([
  'pods',
  'services',
  'serviceaccounts',
  'podtemplates',
  'resourcequotas',
  'persistentvolumes',
  'persistentvolumeclaims',
])

function deleted({ type, name }: Call, object: JsonObject): JsonObject {
  const uid = metaText(object, 'uid')
  return {
    kind: 'Status',
    apiVersion: 'v1',
    metadata: {},
    status: 'Success',
    details: {
      name,
      ...(type.group === '' ? {} : { group: type.group }),
      kind: type.resource,
      ...(uid === '' ? {} : { uid }),
    },
  }
}

export async function removeCollection(exchange: Exchange): Promise<void> {
  const { serving, shown, response, query } = exchange
  const { backend } = serving
  const { options, dryRun } = deleteOptions(await optionalBody(exchange), query)
  const call = { ...exchange.call, dryRun }
  const { items, metadata } = listObjects(backend, call, listQuery(query))
  const last: JsonObject[] = []
  for (const item of items) {
    const one = { ...call, name: nameOf(item), namespace: metaText(item, 'namespace') }
    const deletion = await deleteObject(backend, one, options).catch((error: unknown) => {
      // Somebody else may have been quicker with one of them.
      if (error instanceof ApiError && error.code === 404) return undefined
      throw error
    })
    if (deletion !== undefined) last.push(deletion.object)
  }
  const listed = { items: last, metadata }
  sendObject(
    response,
    200,
    showList(shown, listed, () => listDocument(call, listed)),
    shown.format,
  )
}
