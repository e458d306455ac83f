import type { Json, JsonObject } from '@proa/kube'
import { forbidden } from '../admission/refusals.ts'
import type { AdmissionAttributes } from '../admission/types.ts'
import { isEnding } from '../resources/custom.ts'
import { prepareCreate } from '../resources/strategy.ts'
import { type Backend, type Call, storeKey, timestamp } from './backend.ts'
import { kept, served } from './convert.ts'
import { alreadyExists, badRequest, invalid, unforeseen } from './errors.ts'
import { metaText, nameOf, withMetadata } from './metadata.ts'
import { withSoundOwners } from './ownership.ts'

/** Without vowels and what looks alike, so that no words come out. */
const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789'
const SUFFIX = 5
const LONGEST_NAME = 63
const NAME_ATTEMPTS = 8

/** Stores a new object; `object` is decoded and of the type of the call. */
export async function createObject(backend: Backend, call: Call, object: JsonObject): Promise<JsonObject> {
  const { type } = call
  if (metaText(object, 'resourceVersion') !== '')
    throw unforeseen('resourceVersion should not be set on objects to be created')
  if (isEnding(type, backend.store)) throw definitionEnding(call, object)
  const placed = withMetadata(inNamespace(call, object), WIPED)
  const withDefaults = backend.rules.defaults(type, placed, undefined)
  const owned = ownedByWriter(backend, call, withDefaults)
  const attributes: AdmissionAttributes = {
    operation: 'CREATE',
    resource: type,
    subresource: call.subresource,
    namespace: call.namespace,
    name: nameOf(owned),
    object: owned,
    oldObject: undefined,
    user: call.user,
    dryRun: call.dryRun,
    options: writeOptions('CreateOptions', call),
    ...(call.timeout === undefined ? {} : { timeout: call.timeout }),
  }
  const fresh = { uid: backend.uid(), creationTimestamp: timestamp(backend.now()) }
  const admitted = await backend.admit(attributes, (mutated) => {
    const sound = withSoundOwners(call, mutated, owned)
    return newObject(backend, call, sound, fresh)
  })
  for (const warning of admitted.warnings) call.warn(warning)
  return storeNew(backend, call, admitted.object ?? owned)
}

function definitionEnding({ type }: Call, object: JsonObject): Error {
  return forbidden(type, nameOf(object), 'create not allowed while custom resource definition is terminating')
}

/** What only the server writes. */
const WIPED = {
  uid: undefined,
  creationTimestamp: undefined,
  deletionTimestamp: undefined,
  deletionGracePeriodSeconds: undefined,
  selfLink: undefined,
} as const

/** Before admission: what webhooks and the server itself add is owned by nobody. */
function ownedByWriter(backend: Backend, call: Call, object: JsonObject): JsonObject {
  if (call.tracked === true) return object
  return backend.ownership.track({
    type: call.type,
    subresource: call.subresource,
    before: undefined,
    after: object,
    manager: call.fieldManager,
    time: timestamp(backend.now()),
  })
}

/** Between mutation and validation: what the server itself writes into a new object. */
function newObject(
  backend: Backend,
  call: Call,
  mutated: JsonObject,
  fresh: { uid: string; creationTimestamp: string },
): JsonObject {
  const { type } = call
  const wanted = backend.rules.defaults(type, inNamespace(call, mutated), undefined)
  const generated = nameOf(wanted) === '' && metaText(wanted, 'generateName') !== ''
  const named = withMetadata(generated ? withMetadata(wanted, { name: freeName(backend, call, wanted) }) : wanted, {
    ...WIPED,
    ...fresh,
    resourceVersion: undefined,
    generation: type.generations ? 1 : undefined,
  })
  const prepared = prepareCreate(type, named, backend.store)
  requireName(call, prepared)
  backend.rules.validate(type, prepared, undefined, call.subresource)
  return prepared
}

function storeNew(backend: Backend, call: Call, object: JsonObject): JsonObject {
  const { type } = call
  const key = storeKey({ ...call, name: nameOf(object) })
  if (backend.store.get(key) !== undefined) throw alreadyExists(type, nameOf(object))
  return call.dryRun ? object : served(type, backend.store.put(key, kept(type, object)))
}

/** The namespace of the request counts; the object may leave it out but not name another. */
export function inNamespace(call: Pick<Call, 'type' | 'namespace'>, object: JsonObject): JsonObject {
  const own = metaText(object, 'namespace')
  if (!call.type.namespaced) {
    if (own === '') return object
    return withMetadata(object, { namespace: undefined })
  }
  if (own === call.namespace) return object
  if (own === '') return withMetadata(object, { namespace: call.namespace })
  throw badRequest('the namespace of the provided object does not match the namespace sent on the request')
}

function requireName(call: Call, object: JsonObject): void {
  if (nameOf(object) !== '') return
  const cause = {
    field: 'metadata.name',
    reason: 'FieldValueRequired',
    message: 'Required value: name or generateName is required',
  }
  throw invalid(call.type, '', [cause])
}

/** A name that nothing has yet; after some tries one that is taken, which the client then hears of. */
function freeName(backend: Backend, call: Call, object: JsonObject): string {
  const base = metaText(object, 'generateName').slice(0, LONGEST_NAME - SUFFIX)
  for (let attempt = 1; ; attempt++) {
    let name = base
    for (let i = 0; i < SUFFIX; i++) name += ALPHABET[Math.floor(backend.random() * ALPHABET.length)] ?? 'x'
    if (attempt >= NAME_ATTEMPTS || backend.store.get(storeKey({ ...call, name })) === undefined) return name
  }
}

/** What admission is told of the request's options. */
export function writeOptions(
  kind: string,
  call: Pick<Call, 'dryRun' | 'fieldManager'>,
  more: Record<string, Json> = {},
): JsonObject {
  return {
    kind,
    apiVersion: 'meta.k8s.io/v1',
    ...(call.dryRun ? { dryRun: ['All'] } : {}),
    ...(kind === 'DeleteOptions' || call.fieldManager === '' ? {} : { fieldManager: call.fieldManager }),
    ...more,
  }
}
