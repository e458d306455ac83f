import {
  applyPatch,
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonObject,
  type JsonPatchOperation,
  MergeError,
  type MutableJsonObject,
  PatchError,
  setOwn,
  strategicMerge,
} from '@proa/kube'
import { apiVersionOf, type ResourceDefinition } from '../resources/definition.ts'
import { type Backend, type Call, storeKey, timestamp } from './backend.ts'
import { createObject } from './create.ts'
import { badRequest, notFound } from './errors.ts'
import { nameOf } from './metadata.ts'
import { ApiError } from './status.ts'
import { setScale } from './subresources.ts'
import { changeObject } from './update.ts'

export type PatchKind = 'json' | 'merge' | 'strategic' | 'apply'

export interface PatchRequest {
  readonly kind: PatchKind
  readonly body: Json
  readonly force: boolean
  /** Reads what came out of the patch as the type wants it: unknown fields dropped or refused. */
  readonly read: (object: JsonObject) => JsonObject
}

/** How many operations a JSON patch may have. */
const MOST_OPERATIONS = 10_000

export interface Patched {
  readonly object: JsonObject
  readonly created: boolean
}

export async function patchObject(backend: Backend, call: Call, request: PatchRequest): Promise<Patched> {
  if (request.kind === 'apply') return applyObject(backend, call, request)
  const patch = patcher(call.type, request)
  const make = (current: JsonObject): JsonObject => {
    const next = request.read(patch(current))
    checkIdentity(call, next)
    return next
  }
  return { object: await changeObject(backend, call, { make, optionsKind: 'PatchOptions' }), created: false }
}

async function applyObject(backend: Backend, call: Call, request: PatchRequest): Promise<Patched> {
  const { body } = request
  if (!isObject(body)) throw badRequest('error decoding YAML: the body must be an object')
  if (call.fieldManager === '') {
    throw new ApiError(
      422,
      'Invalid',
      'PatchOptions.meta.k8s.io "" is invalid: fieldManager: Required value: is required for apply patch',
      {
        group: 'meta.k8s.io',
        kind: 'PatchOptions',
        causes: [
          {
            reason: 'FieldValueRequired',
            message: 'Required value: is required for apply patch',
            field: 'fieldManager',
          },
        ],
      },
    )
  }
  const applied = request.read(body)
  checkIdentity(call, applied)
  const make = (live: JsonObject | undefined): JsonObject =>
    backend.ownership.apply({
      type: call.type,
      subresource: call.subresource,
      live,
      applied,
      manager: call.fieldManager,
      force: request.force,
      time: timestamp(backend.now()),
    })
  if (backend.store.get(storeKey(call)) === undefined) {
    if (call.subresource !== '') throw notFound(call.type, call.name)
    return { object: await createObject(backend, { ...call, tracked: true }, make(undefined)), created: true }
  }
  const options = { make, tracked: true, optionsKind: 'PatchOptions', more: { force: request.force } } as const
  return { object: await changeObject(backend, call, options), created: false }
}

function checkIdentity(call: Call, object: JsonObject): void {
  const { type } = call
  if (object.apiVersion !== apiVersionOf(type) || object.kind !== type.kind) {
    throw badRequest(`${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}`)
  }
  const name = nameOf(object)
  if (name !== '' && name !== call.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`)
}

/** What turns the state that is there into the one that the patch wants. */
function patcher(type: ResourceDefinition, { kind, body }: PatchRequest): (current: JsonObject) => JsonObject {
  if (kind === 'json') return (current) => jsonPatched(current, body)
  if (!isObject(body)) throw badRequest('error decoding patch: the body must be an object')
  if (kind === 'merge') return (current) => mergePatched(current, body)
  const { struct } = type
  if (struct === undefined) throw new ApiError(415, 'UnsupportedMediaType', STRATEGIC_UNSUPPORTED)
  return (current) => strategicallyMerged(struct, current, body)
}

const STRATEGIC_UNSUPPORTED =
  'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'

function jsonPatched(current: JsonObject, body: Json): JsonObject {
  if (!isArray(body)) {
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${isObject(body) ? 'object' : typeof body} into Go value of type jsonpatch.Patch`,
    )
  }
  if (body.length > MOST_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${body.length}`,
    )
  }
  try {
    const result = applyPatch(
      current,
      body.map((one) => (isObject(one) ? one : {})) as unknown as readonly JsonPatchOperation[],
    )
    if (isObject(result)) return result
    throw badRequest('the patch does not leave an object')
  } catch (error) {
    if (error instanceof PatchError) throw unprocessable(patchText(error, body))
    throw error
  }
}

function patchText(error: PatchError, operations: readonly Json[]): string {
  const operation = operations[error.index]
  const op = isObject(operation) ? operation.op : undefined
  const path = isObject(operation) && typeof operation.path === 'string' ? operation.path : ''
  if (op === 'test') return `testing value ${path} failed: test failed`
  if (op === 'remove')
    return `remove operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`
  if (op === 'replace') return `replace operation does not apply: doc is missing path: ${path}: missing value`
  if (op === 'add') return `add operation does not apply: doc is missing path: ${JSON.stringify(path)}: missing value`
  return error.reason
}

/** The patch is well-formed and does not fit the object. */
function unprocessable(message: string): ApiError {
  return new ApiError(
    422,
    'Invalid',
    `the server rejected our request due to an error in our request: ${message}`.replace(/: .*$/s, ''),
    {},
  )
}

function mergePatched(target: JsonObject, patch: JsonObject): JsonObject {
  const result: MutableJsonObject = { ...target }
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key]
    else if (isObject(value)) {
      const before = getOwn(result, key)
      setOwn(result, key, mergePatched(isObject(before) ? before : {}, value))
    } else setOwn(result, key, value)
  }
  return result
}

function strategicallyMerged(struct: string, current: JsonObject, patch: JsonObject): JsonObject {
  try {
    const merged = strategicMerge(struct, current, patch)
    return isObject(merged) ? merged : current
  } catch (error) {
    if (error instanceof MergeError) throw badRequest(error.message)
    throw error
  }
}

/** Patches the scale of an object. */
export function patchScale(backend: Backend, call: Call, { kind, body }: PatchRequest): Promise<JsonObject> {
  return setScale(backend, call, (scale) => {
    if (kind === 'json') return jsonPatched(scale, body)
    if (isObject(body)) return mergePatched(scale, body)
    throw badRequest('error decoding patch: the body must be an object')
  })
}
