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
  parsePointer,
  setOwn,
  strategicMerge,
} from '@proa/kube'
import { apiVersionOf, type ResourceDefinition } from '../resources/definition.ts'
import { type Backend, type Call, timestamp } from './backend.ts'
import { goKind } from './decode-scalars.ts'
import { badRequest, invalid, notFound, unforeseen } from './errors.ts'
import { nameOf } from './metadata.ts'
import { createOrElse, isThere } from './replace.ts'
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
    const patched = patch(current)
    const next = readPatched(request, patched)
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
  if (body.apiVersion === undefined || body.kind === undefined)
    throw badRequest(`invalid object type: /, Kind=${String(body.kind ?? '')}`)
  const applied: JsonObject = body
  checkIdentity(call, applied)
  const make = (live: JsonObject | undefined): JsonObject => {
    const next = backend.ownership.apply({
      type: call.type,
      subresource: call.subresource,
      live,
      applied,
      manager: call.fieldManager,
      force: request.force,
      time: timestamp(backend.now()),
    })
    return request.read(next)
  }
  const options = { make, tracked: true, optionsKind: 'PatchOptions', more: { force: request.force } } as const
  const change = async (): Promise<Patched> => ({ object: await changeObject(backend, call, options), created: false })
  if (isThere(backend, call)) return change()
  if (call.subresource !== '') throw notFound(call.type, call.name)
  return createOrElse(backend, { ...call, tracked: true }, make(undefined), change)
}

/** What a patch leaves has to be of the type still. */
function readPatched(request: PatchRequest, patched: JsonObject): JsonObject {
  try {
    return request.read(patched)
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error
    const why = error.message.replace(/^.* cannot be handled as an? \w+: /, '')
    const message = `Invalid value: ${JSON.stringify(JSON.stringify(patched))}: ${why}`
    throw invalid({ group: '', kind: '' }, '', [{ field: 'patch', reason: 'FieldValueInvalid', message }])
  }
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
  if (!isObject(body)) throw notAPatch(body, 'map[string]interface {}')
  if (kind === 'merge') return (current) => mergePatched(current, body)
  const { struct } = type
  if (struct === undefined) throw new ApiError(415, 'UnsupportedMediaType', STRATEGIC_UNSUPPORTED)
  return (current) => strategicallyMerged(struct, current, body)
}

const STRATEGIC_UNSUPPORTED =
  'the body of the request was in an unknown format - accepted media types include: application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml'

function jsonPatched(current: JsonObject, body: Json): JsonObject {
  if (!isArray(body)) {
    throw notAPatch(body, '[]handlers.jsonPatchOp')
  }
  if (body.length > MOST_OPERATIONS) {
    throw new ApiError(
      413,
      'RequestEntityTooLarge',
      `The allowed maximum operations in a JSON patch is ${MOST_OPERATIONS}, got ${body.length}`,
    )
  }
  const result = body.reduce<Json>((document, operation, index) => applyOne(document, operation, index, body), current)
  if (isObject(result)) return result
  throw badRequest('the patch does not leave an object')
}

function applyOne(document: Json, operation: Json, index: number, all: readonly Json[]): Json {
  const one = (isObject(operation) ? operation : {}) as unknown as JsonPatchOperation
  try {
    return applyPatch(document, [one])
  } catch (error) {
    if (!(error instanceof PatchError)) throw error
    // The API server's library lets `replace` make a key that is not there.
    if (one.op === 'replace' && canAdd(document, one.path)) return applyPatch(document, [{ ...one, op: 'add' }])
    throw unprocessable(patchText(error, index, all))
  }
}

function canAdd(document: Json, path: string): boolean {
  const steps = parsePointer(path) ?? []
  const parent = steps
    .slice(0, -1)
    .reduce<Json | undefined>((node, step) => (isObject(node) ? getOwn(node, step) : undefined), document)
  return steps.length > 0 && isObject(parent)
}

function notAPatch(body: Json, goType: string): Error {
  return badRequest(`error decoding patch: json: cannot unmarshal ${goKind(body)} into Go value of type ${goType}`)
}

function patchText(error: PatchError, index: number, operations: readonly Json[]): string {
  const operation = operations[index]
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
    if (error instanceof MergeError) throw unforeseen(error.message)
    throw error
  }
}

/** Patches the scale of an object. */
export function patchScale(backend: Backend, call: Call, { kind, body }: PatchRequest): Promise<JsonObject> {
  return setScale(backend, call, (scale) => {
    if (kind === 'json') return jsonPatched(scale, body)
    if (isObject(body)) return mergePatched(scale, body)
    throw notAPatch(body, 'map[string]interface {}')
  })
}
