import { getOwn, type JsonObject } from '../../json.ts'
import type { AdmissionRequest } from '../request.ts'
import type { CelMap, CelValue } from './values.ts'

/**
 * The type of `request` in match conditions. The API server checks expressions against it (`BuildRequestType` of
 * apiserver), so another field does not compile there. Kinds and resources are maps here, since the library cannot
 * compare two values of a declared type.
 */
export const REQUEST_TYPE = {
  kind: 'map<string, string>',
  resource: 'map<string, string>',
  subResource: 'string',
  requestKind: 'map<string, string>',
  requestResource: 'map<string, string>',
  requestSubResource: 'string',
  name: 'string',
  namespace: 'string',
  operation: 'string',
  userInfo: { username: 'string', uid: 'string', groups: 'list<string>', extra: 'map<string, list<string>>' },
  dryRun: 'bool',
  options: 'dyn',
}

/** `request` of match conditions. Empty optional parts are absent, as in the JSON of an AdmissionReview. */
export function celRequest(request: AdmissionRequest): CelMap {
  const { group, version, resource, subResource = '', operation, namespace, name, dryRun = false } = request
  const kind = new Map([
    ['group', group],
    ['version', version],
    ['kind', request.kind ?? kindOf(request.object) ?? kindOf(request.oldObject) ?? ''],
  ])
  const asked = new Map([
    ['group', group],
    ['version', version],
    ['resource', resource],
  ])
  return withoutAbsent([
    ['kind', kind],
    ['resource', asked],
    ['subResource', subResource || undefined],
    ['requestKind', kind],
    ['requestResource', asked],
    ['requestSubResource', subResource || undefined],
    ['name', name || undefined],
    ['namespace', namespace || undefined],
    ['operation', operation],
    ['userInfo', celUser(request)],
    ['dryRun', dryRun],
    ['options', celOptions(operation)],
  ])
}

const OPTION_KINDS = new Map([
  ['CREATE', 'CreateOptions'],
  ['UPDATE', 'UpdateOptions'],
  ['DELETE', 'DeleteOptions'],
])

/** The options that a plain request has. */
function celOptions(operation: string): CelValue {
  const kind = OPTION_KINDS.get(operation)
  if (kind === undefined) return null
  return new Map([
    ['kind', kind],
    ['apiVersion', 'meta.k8s.io/v1'],
  ])
}

function celUser({ userInfo = {} }: AdmissionRequest): CelMap {
  const extra = Object.entries(userInfo.extra ?? {})
  return withoutAbsent([
    ['username', userInfo.username || undefined],
    ['uid', userInfo.uid || undefined],
    ['groups', userInfo.groups?.length ? userInfo.groups : undefined],
    ['extra', extra.length > 0 ? new Map(extra) : undefined],
  ])
}

function withoutAbsent(entries: readonly (readonly [string, CelValue | undefined])[]): CelMap {
  const map = new Map<string, CelValue>()
  for (const [key, value] of entries) if (value !== undefined) map.set(key, value)
  return map
}

function kindOf(object: JsonObject | null | undefined): string | undefined {
  const kind = object === null || object === undefined ? undefined : getOwn(object, 'kind')
  return typeof kind === 'string' ? kind : undefined
}
