import { isArray, type JsonObject } from '@proa/kube'
import type { AdmissionAttributes } from '../admission/types.ts'
import { prepareUpdate } from '../resources/strategy.ts'
import { type Backend, type Call, storeKey, timestamp } from './backend.ts'
import { kept, served } from './convert.ts'
import { inNamespace, writeOptions } from './create.ts'
import { badRequest, conflict, invalid, MODIFIED, notFound, unforeseen } from './errors.ts'
import { finalizersOf, metadataOf, metaText, nameOf, part, withMetadata } from './metadata.ts'
import { sameButForTimes, withSoundOwners } from './ownership.ts'

/** A patch is tried again on the newest state that often before the client hears of the conflict. */
const ATTEMPTS = 5

/** How the new state comes from the one that is there. */
export interface Change {
  readonly make: (current: JsonObject) => JsonObject | Promise<JsonObject>
  /** Whether `make` works out managedFields itself. */
  readonly tracked?: boolean
  readonly optionsKind?: 'UpdateOptions' | 'PatchOptions'
  readonly more?: Record<string, boolean>
}

/** PUT: the object takes the place of the one that is there. */
export async function updateObject(backend: Backend, call: Call, object: JsonObject): Promise<JsonObject> {
  checkName(call, object)
  const placed = inNamespace(call, object)
  return changeObject(backend, { ...call, conditional: true }, { make: () => placed })
}

export function checkName(call: Call, object: JsonObject): void {
  const name = nameOf(object)
  if (name === '') {
    throw badRequest(`the name of the object (${call.name} based on URL) was undeterminable: name must be provided`)
  }
  if (name !== call.name)
    throw badRequest(`the name of the object (${name}) does not match the name on the URL (${call.name})`)
}

export async function changeObject(backend: Backend, call: Call, change: Change): Promise<JsonObject> {
  for (let attempt = 1; ; attempt++) {
    const outcome = await tryChange(backend, call, change)
    if (outcome !== undefined) return outcome
    if (attempt >= ATTEMPTS) throw conflict(call.type, call.name, MODIFIED)
  }
}

/** Undefined when somebody else was quicker and the change can be made again. */
async function tryChange(backend: Backend, call: Call, change: Change): Promise<JsonObject | undefined> {
  const { type } = call
  const key = storeKey(call)
  const stored = backend.store.get(key)
  if (stored === undefined) throw notFound(type, call.name)
  const current = served(type, stored)
  const made = await change.make(current)
  const conditional = checkPreconditions(call, made, current)
  const prepared = backend.rules.defaults(type, prepareUpdate(type, call.subresource, made, current), current)
  const wanted = change.tracked === true ? prepared : ownedByWriter(backend, call, prepared, current)
  const attributes: AdmissionAttributes = {
    operation: 'UPDATE',
    resource: type,
    subresource: call.subresource,
    namespace: call.namespace,
    name: call.name,
    object: wanted,
    oldObject: current,
    user: call.user,
    dryRun: call.dryRun,
    ...(call.timeout === undefined ? {} : { timeout: call.timeout }),
    options: writeOptions(change.optionsKind ?? 'UpdateOptions', call, change.more ?? {}),
  }
  const admitted = await backend.admit(attributes, (mutated) => {
    const sound = withSoundOwners(call, mutated, wanted)
    const final = backend.rules.defaults(type, prepareUpdate(type, call.subresource, sound, current), current)
    backend.rules.validate(type, final, current, call.subresource)
    return final
  })
  const next = admitted.object ?? wanted
  if (backend.store.get(key) !== stored) {
    if (conditional) throw conflict(type, call.name, MODIFIED)
    return undefined
  }
  for (const warning of admitted.warnings) call.warn(warning)
  return commit(backend, call, next, current)
}

/** Before admission: what webhooks and the server itself change is owned by nobody. */
function ownedByWriter(backend: Backend, call: Call, after: JsonObject, before: JsonObject): JsonObject {
  return backend.ownership.track({
    type: call.type,
    subresource: call.subresource,
    before,
    after,
    manager: call.fieldManager,
    time: timestamp(backend.now()),
  })
}

function commit(backend: Backend, call: Call, next: JsonObject, current: JsonObject): JsonObject {
  const { type } = call
  const key = storeKey(call)
  const withVersion = withMetadata(next, { resourceVersion: metaText(current, 'resourceVersion') })
  if (deletionDone(withVersion)) {
    if (call.dryRun) return withVersion
    backend.store.put(key, kept(type, withVersion))
    return served(type, backend.store.remove(key) ?? withVersion)
  }
  if (sameButForTimes(withVersion, current)) return current
  return call.dryRun ? withVersion : served(type, backend.store.put(key, kept(type, withVersion)))
}

/** Deletion was asked for, and nothing holds the object any more. */
export function deletionDone(object: JsonObject): boolean {
  const { deletionTimestamp, deletionGracePeriodSeconds } = metadataOf(object)
  if (typeof deletionTimestamp !== 'string' || finalizersOf(object).length > 0) return false
  if (object.kind === 'Namespace' && object.apiVersion === 'v1' && namespaceFinalizers(object)) return false
  return (
    deletionGracePeriodSeconds === undefined || deletionGracePeriodSeconds === null || deletionGracePeriodSeconds === 0
  )
}

/** What a Namespace still holds is deleted before it is. */
export function namespaceFinalizers(namespace: JsonObject): boolean {
  const list = part(namespace, 'spec').finalizers
  return isArray(list) && list.length > 0
}

/** Whether the object says which state it means; it must then be the newest. */
function checkPreconditions(call: Call, made: JsonObject, current: JsonObject): boolean {
  const uid = metaText(made, 'uid')
  const has = metaText(current, 'uid')
  if (uid !== '' && uid !== has) throw uidConflict(call, uid, has)
  const version = metaText(made, 'resourceVersion')
  if (version === '' || version === '0') {
    if (call.type.custom !== undefined && call.conditional === true) throw versionRequired(call)
    return false
  }
  if (!/^\d+$/.test(version)) throw unforeseen(`strconv.ParseUint: parsing ${JSON.stringify(version)}: invalid syntax`)
  if (version !== metaText(current, 'resourceVersion')) throw conflict(call.type, call.name, MODIFIED)
  return true
}

export function uidConflict(call: Call, wanted: string, has: string): Error {
  const place = [call.type.bucket.split('.')[0], call.namespace, call.name].filter((step) => step !== '').join('/')
  const why = `Precondition failed: UID in precondition: ${wanted}, UID in object meta: ${has}`
  const error = `StorageError: invalid object, Code: 4, Key: /registry/${place}, ResourceVersion: 0, AdditionalErrorMsg: ${why}`
  return conflict(call.type, call.name, error)
}

/** Custom resources are not replaced by somebody who does not say which state they saw. */
function versionRequired({ type, name }: Call): Error {
  const cause = {
    field: 'metadata.resourceVersion',
    reason: 'FieldValueInvalid',
    message: 'Invalid value: 0: must be specified for an update',
  }
  return invalid({ group: type.group, kind: type.resource }, name, [cause])
}
