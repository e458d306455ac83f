import type { JsonObject } from '@proa/kube'
import type { Call } from '../api/backend.ts'
import { decodeAs, decodeCustom } from '../api/decode.ts'
import { badRequest } from '../api/errors.ts'
import { apiVersionOf } from '../resources/definition.ts'
import type { WriteQuery } from './query.ts'

/**
 * Reads a body as the type of the request. What the type does not know is dropped, with a warning or a refusal as the
 * request's fieldValidation wants it.
 */
export function reading(
  call: Call,
  options: Pick<WriteQuery, 'fieldValidation'>,
  _bytes: Buffer | undefined,
): (body: JsonObject) => JsonObject {
  return (body) => {
    const { type } = call
    const typed = { ...body, ...kindOf(call, body) }
    const { object, unknown } = type.custom === undefined ? decodeAs(type, typed) : decodeCustom(type, typed)
    if (unknown.length > 0 && options.fieldValidation === 'Strict') {
      throw badRequest(
        `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: strict decoding error: ${unknown.join(', ')}`,
      )
    }
    if (options.fieldValidation === 'Warn') for (const one of unknown) call.warn(one)
    return object
  }
}

/** A body may leave out what the path says already. */
function kindOf({ type }: Call, body: JsonObject): JsonObject {
  const apiVersion = apiVersionOf(type)
  const said = { apiVersion: body.apiVersion ?? apiVersion, kind: body.kind ?? type.kind }
  if (said.apiVersion === apiVersion && said.kind === type.kind) return said
  if (said.apiVersion === apiVersion) {
    throw badRequest(
      `${String(said.kind)} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: no kind ${JSON.stringify(said.kind)} is registered for version ${JSON.stringify(apiVersion)}`,
    )
  }
  throw badRequest(
    `the API version in the data (${String(said.apiVersion)}) does not match the expected API version (${apiVersion})`,
  )
}
