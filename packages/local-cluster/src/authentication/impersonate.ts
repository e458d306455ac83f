import type { IncomingHttpHeaders } from 'node:http'
import { badRequest } from '../api/errors.ts'
import type { ApiUser } from '../api/types.ts'
import { forbidden } from '../authorization/refusal.ts'
import type { Authorizer, ResourceAccess } from '../authorization/types.ts'

const EXTRA = 'impersonate-extra-'

/** `kubectl --as`: the user of the Impersonate headers, when the real one may act as them. */
export function impersonate(user: ApiUser, headers: IncomingHttpHeaders, authorizer: Authorizer): ApiUser {
  const username = text(headers['impersonate-user'])
  const groups = list(headers['impersonate-group'])
  const extra = extras(headers)
  const uid = text(headers['impersonate-uid'])
  if (username === '') {
    if (groups.length > 0 || extra.length > 0 || uid !== '')
      throw badRequest(
        `requested &user.DefaultInfo{Name:"", UID:${JSON.stringify(uid)}, Groups:[]string{${groups.map((one) => JSON.stringify(one)).join(', ')}}, Extra:map[string][]string(nil)} without impersonating a user name`,
      )
    return user
  }
  const account = /^system:serviceaccount:([^:]+):([^:]+)$/.exec(username)
  const check = (access: Pick<ResourceAccess, 'group' | 'resource' | 'namespace' | 'name' | 'subresource'>): void => {
    const request: ResourceAccess = { user, verb: 'impersonate', version: 'v1', ...access }
    const verdict = authorizer.decide(request)
    if (!verdict.allowed) throw forbidden(request, verdict.reason)
  }
  if (account === null) check({ group: '', resource: 'users', namespace: '', name: username, subresource: '' })
  else
    check({
      group: '',
      resource: 'serviceaccounts',
      namespace: account[1] ?? '',
      name: account[2] ?? '',
      subresource: '',
    })
  for (const group of groups) check({ group: '', resource: 'groups', namespace: '', name: group, subresource: '' })
  const authentication = 'authentication.k8s.io'
  for (const [key, values] of extra) {
    for (const value of values)
      check({ group: authentication, resource: 'userextras', namespace: '', name: value, subresource: key })
  }
  if (uid !== '') check({ group: authentication, resource: 'uids', namespace: '', name: uid, subresource: '' })
  return {
    username,
    groups: impersonatedGroups(username, groups, account?.[1]),
    ...(uid === '' ? {} : { uid }),
    ...(extra.length === 0 ? {} : { extra: Object.fromEntries(extra) }),
  }
}

function impersonatedGroups(
  username: string,
  groups: readonly string[],
  namespace: string | undefined,
): readonly string[] {
  if (username === 'system:anonymous') return [...new Set([...groups, 'system:unauthenticated'])]
  const own =
    namespace !== undefined && groups.length === 0
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : []
  const kind = groups.includes('system:unauthenticated') ? [] : ['system:authenticated']
  return [...new Set([...groups, ...own, ...kind])]
}

function text(header: string | readonly string[] | undefined): string {
  return typeof header === 'string' ? header : (header?.[0] ?? '')
}

/** Node joins repeated headers with commas. */
function list(header: string | readonly string[] | undefined): readonly string[] {
  const texts = header === undefined ? [] : typeof header === 'string' ? [header] : header
  return texts.flatMap((one) => one.split(',').map((group) => group.trim())).filter((group) => group !== '')
}

function extras(headers: IncomingHttpHeaders): readonly [string, readonly string[]][] {
  return Object.entries(headers)
    .filter(([key]) => key.startsWith(EXTRA))
    .map(([key, value]) => [unescaped(key.slice(EXTRA.length)), list(value)])
}

/** A key that is no escape is taken as it is. */
function unescaped(key: string): string {
  try {
    return decodeURIComponent(key)
  } catch {
    return key
  }
}
