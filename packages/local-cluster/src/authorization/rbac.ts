import { getOwn, isArray, isObject, type Json, type JsonObject, quoteGo } from '@proa/kube'
import { metaText, nameOf, part } from '../api/metadata.ts'
import type { ApiUser } from '../api/types.ts'
import type { Store } from '../store/store.ts'
import type { AccessRequest, Authorizer, ResourceAccess } from './types.ts'

const MASTERS = 'system:masters'

/** Role-based access control over the roles and bindings that are stored. Members of `system:masters` may do everything. */
export function createRbacAuthorizer(store: Store): Authorizer {
  return {
    decide(request) {
      if (request.user.groups.includes(MASTERS)) return { allowed: true, reason: '' }
      const namespace = 'path' in request ? '' : request.namespace
      for (const granted of grants(store, request.user, namespace)) {
        if (granted.rules.some((rule) => allows(rule, request))) return { allowed: true, reason: granted.reason }
      }
      return { allowed: false, reason: '' }
    },
    rulesFor(user, namespace) {
      const masters: readonly JsonObject[] = user.groups.includes(MASTERS)
        ? [
            { apiGroups: ['*'], resources: ['*'], verbs: ['*'] },
            { nonResourceURLs: ['*'], verbs: ['*'] },
          ]
        : []
      return {
        rules: [...masters, ...[...grants(store, user, namespace)].flatMap(({ rules }) => rules)],
        incomplete: '',
      }
    },
  }
}

interface Grant {
  readonly rules: readonly JsonObject[]
  /** In the words of the API server's audit annotation. */
  readonly reason: string
}

function* grants(store: Store, user: ApiUser, namespace: string): Generator<Grant> {
  for (const binding of store.list('clusterrolebindings.rbac.authorization.k8s.io')) {
    const subject = subjectOf(binding, user, '')
    if (subject !== undefined) yield grant(store, binding, 'ClusterRoleBinding', subject, '')
  }
  if (namespace === '') return
  for (const binding of store.list('rolebindings.rbac.authorization.k8s.io', namespace)) {
    const subject = subjectOf(binding, user, namespace)
    if (subject !== undefined) yield grant(store, binding, 'RoleBinding', subject, namespace)
  }
}

function grant(store: Store, binding: JsonObject, kind: string, subject: JsonObject, namespace: string): Grant {
  const ref = part(binding, 'roleRef')
  const name = String(ref.name)
  const role =
    ref.kind === 'Role'
      ? store.get({ bucket: 'roles.rbac.authorization.k8s.io', namespace, name })
      : store.get({ bucket: 'clusterroles.rbac.authorization.k8s.io', namespace: '', name })
  const place = namespace === '' ? quoteGo(nameOf(binding)) : quoteGo(`${nameOf(binding)}/${namespace}`)
  const to = `${String(subject.kind)} ${quoteGo(subject.kind === 'ServiceAccount' ? `${String(subject.name)}/${String(subject.namespace)}` : String(subject.name))}`
  return {
    rules: objects(role === undefined ? undefined : getOwn(role, 'rules')),
    reason: `RBAC: allowed by ${kind} ${place} of ${String(ref.kind)} ${quoteGo(name)} to ${to}`,
  }
}

/** The subject of a binding that the user is. */
function subjectOf(binding: JsonObject, user: ApiUser, namespace: string): JsonObject | undefined {
  return objects(getOwn(binding, 'subjects')).find((subject) => {
    switch (subject.kind) {
      case 'User':
        return subject.name === user.username
      case 'Group':
        return typeof subject.name === 'string' && user.groups.includes(subject.name)
      case 'ServiceAccount': {
        const space = metaText({ metadata: subject }, 'namespace') || namespace
        return user.username === `system:serviceaccount:${space}:${String(subject.name)}`
      }
      default:
        return false
    }
  })
}

/** Whether one PolicyRule lets the request pass. */
export function allows(rule: JsonObject, request: AccessRequest): boolean {
  if (!has(rule, 'verbs', request.verb)) return false
  if ('path' in request)
    return texts(getOwn(rule, 'nonResourceURLs')).some((pattern) => pathMatches(pattern, request.path))
  return has(rule, 'apiGroups', request.group) && resourceMatches(rule, request) && nameMatches(rule, request)
}

function has(rule: JsonObject, key: string, wanted: string): boolean {
  const list = texts(getOwn(rule, key))
  return list.includes('*') || list.includes(wanted)
}

function resourceMatches(rule: JsonObject, { resource, subresource }: ResourceAccess): boolean {
  const combined = subresource === '' ? resource : `${resource}/${subresource}`
  return texts(getOwn(rule, 'resources')).some(
    (one) => one === '*' || one === combined || (subresource !== '' && one === `*/${subresource}`),
  )
}

function nameMatches(rule: JsonObject, { name }: ResourceAccess): boolean {
  const names = texts(getOwn(rule, 'resourceNames'))
  return names.length === 0 || names.includes(name)
}

function pathMatches(pattern: string, path: string): boolean {
  if (pattern === '*' || pattern === path) return true
  return pattern.endsWith('*') && path.startsWith(pattern.replace(/\*+$/, ''))
}

function texts(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter((one) => isObject(one)) : []
}
