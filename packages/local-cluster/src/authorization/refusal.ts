import { quoteGo } from '@proa/kube'
import { ApiError } from '../api/status.ts'
import type { AccessRequest } from './types.ts'

/** The API server's words for what the user may not do. */
export function forbidden(request: AccessRequest, reason: string): ApiError {
  const { user, verb } = request
  const who = `User ${quoteGo(user.username)}`
  if ('path' in request) {
    const message = `forbidden: ${who} cannot ${verb} path ${quoteGo(request.path)}${reason === '' ? '' : `: ${reason}`}`
    return new ApiError(403, 'Forbidden', message, {})
  }
  const { group, resource, subresource, name, namespace } = request
  const full = subresource === '' ? resource : `${resource}/${subresource}`
  const where = namespace === '' ? 'at the cluster scope' : `in the namespace ${quoteGo(namespace)}`
  const what = `${who} cannot ${verb} resource ${quoteGo(full)} in API group ${quoteGo(group)} ${where}`
  const subject = group === '' ? resource : `${resource}.${group}`
  const quoted = name === '' ? '' : ` ${quoteGo(name)}`
  return new ApiError(
    403,
    'Forbidden',
    `${subject}${quoted} is forbidden: ${what}${reason === '' ? '' : `: ${reason}`}`,
    {
      ...(name === '' ? {} : { name }),
      ...(group === '' ? {} : { group }),
      kind: resource,
    },
  )
}
