import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createStore } from '../store/store.ts'
import { allows, createRbacAuthorizer } from './rbac.ts'
import { forbidden } from './refusal.ts'
import type { ResourceAccess } from './types.ts'

const user = { username: 'bob', groups: ['dev', 'system:authenticated'] }
const access: ResourceAccess = {
  user,
  verb: 'get',
  group: '',
  version: 'v1',
  resource: 'pods',
  subresource: '',
  namespace: 'x',
  name: 'p',
}
const RBAC = 'rbac.authorization.k8s.io'

function authorizer(
  subject: Record<string, string>,
  kind: 'RoleBinding' | 'ClusterRoleBinding',
  role = 'ClusterRole',
): ReturnType<typeof createRbacAuthorizer> {
  const store = createStore()
  const rules = [{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]
  store.put({ bucket: `clusterroles.${RBAC}`, namespace: '', name: 'r' }, { metadata: { name: 'r' }, rules })
  store.put({ bucket: `roles.${RBAC}`, namespace: 'x', name: 'r' }, { metadata: { name: 'r' }, rules })
  const bucket = `${kind.toLowerCase()}s.${RBAC}`
  const namespace = kind === 'RoleBinding' ? 'x' : ''
  store.put(
    { bucket, namespace, name: 'b' },
    { metadata: { name: 'b' }, roleRef: { kind: role, name: 'r' }, subjects: [subject] },
  )
  return createRbacAuthorizer(store)
}

describe('a rule', () => {
  it.each([
    [{ resources: ['pods'] }, true],
    [{ resources: ['*'] }, true],
    [{ resources: ['pods/log'] }, false],
    [{ verbs: ['*'] }, true],
    [{ verbs: ['list'] }, false],
    [{ apiGroups: ['apps'] }, false],
    [{ apiGroups: ['*'] }, true],
    [{ resourceNames: ['p'] }, true],
    [{ resourceNames: ['q'] }, false],
  ])('%j lets get pods "p" pass: %s', (part, expected) => {
    expect(allows({ apiGroups: [''], resources: ['pods'], verbs: ['get'], ...part }, access)).toBe(expected)
  })

  it('names a subresource of its own, or of any resource', () => {
    const log = { ...access, subresource: 'log' }
    const rule = (resources: readonly string[]) => ({ apiGroups: [''], resources, verbs: ['get'] })
    expect(allows(rule(['pods']), log)).toBe(false)
    expect(allows(rule(['pods/log']), log)).toBe(true)
    expect(allows(rule(['*/log']), log)).toBe(true)
    expect(allows(rule(['*/scale']), log)).toBe(false)
  })

  it('for paths counts its star only at the end', () => {
    const path = { user, verb: 'get', path: '/apis/apps' }
    expect(allows({ nonResourceURLs: ['/apis/*'], verbs: ['get'] }, path)).toBe(true)
    expect(allows({ nonResourceURLs: ['/apis'], verbs: ['get'] }, path)).toBe(false)
    expect(allows({ nonResourceURLs: ['*'], verbs: ['get'] }, path)).toBe(true)
  })

  it('without verbs lets nothing pass, whatever else it has', () => {
    const names = fc.array(fc.constantFrom('*', 'pods', '', 'get'))
    fc.assert(
      fc.property(names, names, (apiGroups, resources) => !allows({ apiGroups, resources, verbs: [] }, access)),
      { seed: 4 },
    )
  })
})

describe('a binding', () => {
  it.each([
    ['its user', { kind: 'User', name: 'bob' }, true],
    ['another user', { kind: 'User', name: 'eve' }, false],
    ['a group of the user', { kind: 'Group', name: 'dev' }, true],
    ['another group', { kind: 'Group', name: 'ops' }, false],
  ])('grants its role to %s: %s', (_who, subject, expected) => {
    expect(authorizer(subject, 'ClusterRoleBinding').decide(access).allowed).toBe(expected)
    expect(authorizer(subject, 'RoleBinding').decide(access).allowed).toBe(expected)
    expect(authorizer(subject, 'RoleBinding', 'Role').decide(access).allowed).toBe(expected)
  })

  it('of a namespace says nothing about others, nor about the cluster', () => {
    const granted = authorizer({ kind: 'User', name: 'bob' }, 'RoleBinding')
    expect(granted.decide({ ...access, namespace: 'y' }).allowed).toBe(false)
    expect(granted.decide({ ...access, namespace: '' }).allowed).toBe(false)
  })

  it('knows a ServiceAccount by its namespace and name', () => {
    const granted = authorizer({ kind: 'ServiceAccount', name: 'a', namespace: 'n' }, 'ClusterRoleBinding')
    const as = (username: string) => granted.decide({ ...access, user: { username, groups: [] } }).allowed
    expect(as('system:serviceaccount:n:a')).toBe(true)
    expect(as('system:serviceaccount:m:a')).toBe(false)
  })
})

it('system:masters need no binding', () => {
  const decide = createRbacAuthorizer(createStore()).decide({
    ...access,
    user: { username: 'x', groups: ['system:masters'] },
  })
  expect(decide.allowed).toBe(true)
})

it('a refusal says who cannot do what where', () => {
  expect(forbidden(access, '').message).toBe(
    'pods "p" is forbidden: User "bob" cannot get resource "pods" in API group "" in the namespace "x"',
  )
  expect(
    forbidden({ ...access, group: 'apps', resource: 'deployments', namespace: '', name: '', verb: 'list' }, '').message,
  ).toBe(
    'deployments.apps is forbidden: User "bob" cannot list resource "deployments" in API group "apps" at the cluster scope',
  )
  expect(forbidden({ user, verb: 'get', path: '/metrics' }, '').message).toBe(
    'forbidden: User "bob" cannot get path "/metrics"',
  )
})
