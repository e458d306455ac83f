import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { checkToken } from '../authentication/service-accounts.ts'
import { DEFAULT_AUDIENCE } from '../authentication/token.ts'
import type { AccessRequest } from '../authorization/types.ts'
import type { Backend, Call } from './backend.ts'
import { badRequest, invalid, methodNotAllowed } from './errors.ts'
import { part } from './metadata.ts'
import type { ApiUser } from './types.ts'

/** Kinds that can only be created, and are answered instead of stored. */
export function createReview(backend: Backend, call: Call, review: JsonObject): JsonObject {
  const spec = part(review, 'spec')
  const answer = (status: JsonObject): JsonObject => ({
    ...review,
    metadata: part(review, 'metadata'),
    spec,
    status,
  })
  switch (call.type.kind) {
    case 'TokenReview':
      return answer(reviewToken(backend, spec))
    case 'SelfSubjectReview':
      return answer({ userInfo: userInfo(call.user) })
    case 'SubjectAccessReview':
    case 'LocalSubjectAccessReview':
      checkAccess(spec, false)
      return answer(reviewAccess(backend, subjectOf(spec), spec))
    case 'SelfSubjectAccessReview':
      checkAccess(spec, true)
      return answer(reviewAccess(backend, call.user, spec))
    case 'SelfSubjectRulesReview':
      return answer(reviewRules(backend, call.user, spec))
    default:
      throw methodNotAllowed()
  }
}

function reviewToken(backend: Backend, spec: JsonObject): JsonObject {
  if (typeof spec.token !== 'string' || spec.token === '')
    throw badRequest('token is required for TokenReview in authentication')
  const audiences =
    isArray(spec.audiences) && spec.audiences.length > 0 ? spec.audiences.map(String) : [DEFAULT_AUDIENCE]
  const verdict = checkToken(backend.tokens, backend.store, spec.token, audiences, backend.now())
  if ('problem' in verdict)
    return { user: {}, error: `[${verdict.problem}, unknown]`.replace('[', '').replace(', unknown]', '') }
  return { authenticated: true, user: userInfo(verdict.user), audiences: verdict.audiences }
}

function userInfo({ username, uid, groups, extra }: ApiUser): JsonObject {
  return {
    username,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined ? {} : { extra: Object.fromEntries(Object.entries(extra)) }),
  }
}

function subjectOf(spec: JsonObject): ApiUser {
  const extra = part(spec, 'extra')
  return {
    username: text(spec.user),
    groups: list(spec.groups),
    ...(typeof spec.uid === 'string' ? { uid: spec.uid } : {}),
    extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, list(values)])),
  }
}

function checkAccess(spec: JsonObject, self: boolean): void {
  const refuse = (field: string, message: string): never => {
    throw invalid({ group: 'authorization.k8s.io', kind: '' }, '', [
      { field, reason: 'FieldValueInvalid', message: `Invalid value: ${message}` },
    ])
  }
  if (isObject(getOwn(spec, 'resourceAttributes')) === isObject(getOwn(spec, 'nonResourceAttributes'))) {
    refuse(
      'spec.resourceAttributes',
      'null: exactly one of nonResourceAttributes or resourceAttributes must be specified',
    )
  }
  if (!self && text(spec.user) === '' && list(spec.groups).length === 0) {
    refuse('spec.user', '"": at least one of user or group must be specified')
  }
}

function reviewAccess(backend: Backend, user: ApiUser, spec: JsonObject): JsonObject {
  const verdict = backend.authorizer.decide(accessOf(user, spec))
  return { allowed: verdict.allowed, ...(verdict.reason === '' ? {} : { reason: verdict.reason }) }
}

function accessOf(user: ApiUser, spec: JsonObject): AccessRequest {
  const paths = getOwn(spec, 'nonResourceAttributes')
  if (isObject(paths)) return { user, verb: text(paths.verb), path: text(paths.path) }
  const wanted = part(spec, 'resourceAttributes')
  return {
    user,
    verb: text(wanted.verb),
    group: text(wanted.group),
    version: text(wanted.version) || '*',
    resource: text(wanted.resource),
    subresource: text(wanted.subresource),
    namespace: text(wanted.namespace),
    name: text(wanted.name),
  }
}

function reviewRules(backend: Backend, user: ApiUser, spec: JsonObject): JsonObject {
  const namespace = text(spec.namespace)
  if (namespace === '') throw badRequest('no namespace on request')
  const { rules } = backend.authorizer.rulesFor(user, namespace)
  const pick = (rule: JsonObject, keys: readonly string[]): JsonObject =>
    Object.fromEntries(
      keys.flatMap((key): [string, Json][] => {
        const value = getOwn(rule, key)
        return value === undefined ? [] : [[key, value]]
      }),
    )
  return {
    resourceRules: rules
      .filter((rule) => Object.hasOwn(rule, 'resources'))
      .map((rule) => pick(rule, ['verbs', 'apiGroups', 'resources', 'resourceNames'])),
    nonResourceRules: rules
      .filter((rule) => Object.hasOwn(rule, 'nonResourceURLs'))
      .map((rule) => pick(rule, ['verbs', 'nonResourceURLs'])),
    incomplete: false,
  }
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : ''
}

function list(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.map(String) : []
}
