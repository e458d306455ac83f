import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { ApiError } from '../api/status.ts'
import type { ResourceType } from '../api/types.ts'
import type { AdmissionAttributes } from './types.ts'

/** The refusals of the API server (apimachinery, api/errors): code, reason, words and details. */

export function internalError(message: string): ApiError {
  return new ApiError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] })
}

export function badRequest(message: string): ApiError {
  return new ApiError(400, 'BadRequest', message)
}

export function timeoutError(message: string): ApiError {
  return new ApiError(504, 'Timeout', `Timeout: ${message}`, {})
}

/** `serviceaccounts`, `deployments.apps`. */
export function qualifiedResource({ group, resource }: Pick<ResourceType, 'group' | 'resource'>): string {
  return group === '' ? resource : `${resource}.${group}`
}

export function notFound(type: Pick<ResourceType, 'group' | 'resource'>, name: string): ApiError {
  const details = { name, ...(type.group === '' ? {} : { group: type.group }), kind: type.resource }
  return new ApiError(404, 'NotFound', `${qualifiedResource(type)} "${name}" not found`, details)
}

/** With `because`, the words behind the colon. Without a name the API server leaves out the quotes. */
export function forbidden(
  type: Pick<ResourceType, 'group' | 'resource'>,
  name: string,
  because: string,
  more: JsonObject = {},
): ApiError {
  const resource = qualifiedResource(type)
  const what = name === '' ? `${resource} is forbidden` : `${resource} ${JSON.stringify(name)} is forbidden`
  const details = {
    ...(name === '' ? {} : { name }),
    ...(type.group === '' ? {} : { group: type.group }),
    kind: type.resource,
    ...more,
  }
  return new ApiError(403, 'Forbidden', `${what}: ${because}`, details)
}

/** As `forbidden`, with the name that the object has or will begin with (apiserver, admission NewForbidden). */
export function forbiddenFor(attributes: AdmissionAttributes, because: string, more: JsonObject = {}): ApiError {
  return forbidden(attributes.resource, knownName(attributes), because, more)
}

function knownName({ name, object }: AdmissionAttributes): string {
  if (name !== '') return name
  const metadata = object === undefined ? undefined : getOwn(object, 'metadata')
  if (!isObject(metadata)) return 'Unknown'
  return String(getOwn(metadata, 'name') || getOwn(metadata, 'generateName') || 'Unknown')
}
