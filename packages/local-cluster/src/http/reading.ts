import { isObject, type Json, type JsonObject, kindType } from '@proa/kube'
import type { Call } from '../api/backend.ts'
import { decodeAs, decodeCustom } from '../api/decode.ts'
import { goKind } from '../api/decode-scalars.ts'
import { badRequest, invalid } from '../api/errors.ts'
import { nameOf } from '../api/metadata.ts'
import { apiVersionOf, type ResourceDefinition } from '../resources/definition.ts'
import { BodySyntaxError, bodyFormat, decodeBody } from './body.ts'
import { duplicateFields } from './duplicate-fields.ts'
import type { WriteQuery } from './query.ts'

/** A body as it came. */
export interface Body {
  readonly bytes: Buffer
  readonly contentType: string | undefined
}

const ENVELOPE =
  'struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }'

/** The object of a create or an update, as yet of no type. */
export function readObject(kind: string, { bytes, contentType }: Body): JsonObject {
  const refuse = (why: string): Error =>
    badRequest(`the object provided is unrecognized (must be of type ${kind}): ${why} (${excerpt(bytes)})`)
  let value: Json
  try {
    value = decodeBody(bytes, contentType)
  } catch (error) {
    if (!(error instanceof BodySyntaxError)) throw error
    throw refuse(
      error.format === 'json' ? `couldn't get version/kind; json parse error: ${error.message}` : error.message,
    )
  }
  if (value === null) return {}
  if (isObject(value)) return value
  throw refuse(
    `couldn't get version/kind; json parse error: json: cannot unmarshal ${goKind(value)} into Go value of type ${ENVELOPE}`,
  )
}

/** As the API server shows a body that it cannot read: text when it looks like JSON, hexadecimal otherwise. */
function excerpt(bytes: Buffer): string {
  if (bytes.length === 0) return '<empty>'
  const limit = 1024
  if (bytes[0] === 0x7b)
    return bytes.length > limit ? `${bytes.toString('utf8', 0, limit)} ...` : bytes.toString('utf8')
  return bytes.length > limit ? `${bytes.toString('hex', 0, limit)} ...` : bytes.toString('hex')
}

/** The options of a deletion. */
export function readOptions({ bytes, contentType }: Body): Json {
  try {
    return decodeBody(bytes, contentType)
  } catch (error) {
    if (!(error instanceof BodySyntaxError)) throw error
    throw badRequest(
      error.format === 'json' ? `couldn't get version/kind; json parse error: ${error.message}` : error.message,
    )
  }
}

/** The document of a patch. */
export function readPatch({ bytes, contentType }: Body): Json {
  try {
    return decodeBody(bytes, contentType)
  } catch (error) {
    if (!(error instanceof BodySyntaxError)) throw error
    throw badRequest(
      error.format === 'json'
        ? `error decoding patch: ${error.message}`
        : `error decoding YAML: error converting YAML to JSON: ${error.message}`,
    )
  }
}

/**
 * Reads a body as the type of the request. What the type does not know is dropped, with a warning or a refusal as the
 * request's fieldValidation wants it.
 */
export function reading(
  call: Call,
  { fieldValidation }: Pick<WriteQuery, 'fieldValidation'>,
  source: Body | undefined,
): (body: JsonObject) => JsonObject {
  const { type } = call
  return (body) => {
    const typed = { ...body, ...kindOf(type, body) }
    const { object, unknown } = type.custom === undefined ? decodeAs(type, typed) : decodeCustom(type, typed)
    if (fieldValidation === 'Ignore') return object
    const problems = [...duplicates(source), ...unknown]
    if (problems.length > 0 && fieldValidation === 'Strict') {
      throw badRequest(
        `${type.kind} in version ${JSON.stringify(type.version)} cannot be handled as a ${type.kind}: strict decoding error: ${problems.join(', ')}`,
      )
    }
    for (const one of problems) call.warn(one)
    return object
  }
}

function duplicates(source: Body | undefined): readonly string[] {
  if (source === undefined || bodyFormat(source.contentType) !== 'json') return []
  return duplicateFields(source.bytes.toString('utf8'))
}

/** A body may leave out what the path says already. */
function kindOf(type: ResourceDefinition, body: JsonObject): JsonObject {
  const apiVersion = apiVersionOf(type)
  const said = { apiVersion: body.apiVersion || apiVersion, kind: body.kind || type.kind }
  if (said.apiVersion === apiVersion && said.kind === type.kind) return said
  if (type.custom !== undefined) throw wrongCustomKind(type, body, said, apiVersion)
  const [group = '', version = ''] = splitVersion(String(said.apiVersion))
  const head = `${String(said.kind)} in version ${JSON.stringify(version)} cannot be handled as a ${type.kind}: `
  if (kindType(String(said.apiVersion), String(said.kind)) !== undefined) {
    throw badRequest(
      `${head}converting (${version}.${String(said.kind)}) to (${goPackage(type.group)}.${type.kind}): unknown conversion`,
    )
  }
  throw badRequest(
    `${head}no kind ${JSON.stringify(said.kind)} is registered for version ${JSON.stringify(group === '' ? version : `${group}/${version}`)} in scheme "pkg/runtime/scheme.go:111"`,
  )
}

function wrongCustomKind(type: ResourceDefinition, body: JsonObject, said: JsonObject, apiVersion: string): Error {
  if (said.apiVersion !== apiVersion) {
    return badRequest(
      `the API version in the data (${String(said.apiVersion)}) does not match the expected API version (${apiVersion})`,
    )
  }
  const message = `Invalid value: ${JSON.stringify(said.kind)}: must be ${type.kind}`
  return invalid({ group: type.group, kind: String(said.kind) }, nameOf(body), [
    { field: 'kind', reason: 'FieldValueInvalid', message },
  ])
}

function splitVersion(apiVersion: string): readonly [string, string] {
  const at = apiVersion.indexOf('/')
  return at < 0 ? ['', apiVersion] : [apiVersion.slice(0, at), apiVersion.slice(at + 1)]
}

/** The Go package of a group's types: `rbac` of `rbac.authorization.k8s.io`. */
function goPackage(group: string): string {
  return group === '' ? 'core' : (group.split('.')[0] ?? group)
}
