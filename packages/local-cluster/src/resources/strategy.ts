import { deepEqual, getOwn, type JsonObject } from '@proa/kube'
import { metadataOf, part, withKeys, withMetadata } from '../api/metadata.ts'
import type { Store } from '../store/store.ts'
import type { ResourceDefinition } from './definition.ts'
import { PREPARE_CREATE } from './prepare-create.ts'
import { nextTemplateGeneration } from './template-generation.ts'

/** Kinds whose status a client may give at creation. */
const STATUS_AT_CREATION: ReadonlySet<string> = new Set(['Node', 'Event', 'Namespace', 'ResourceQuota'])

export function hasStatus(type: ResourceDefinition): boolean {
  return type.custom === undefined ? type.subresources.includes('status') : type.custom.status
}

/** What the server makes of a new object before it is checked and stored. */
export function prepareCreate(type: ResourceDefinition, object: JsonObject, store: Store): JsonObject {
  const bare =
    hasStatus(type) && !STATUS_AT_CREATION.has(type.kind) ? withKeys(object, { status: emptyStatus(type) }) : object
  const prepare = type.custom === undefined ? PREPARE_CREATE[type.bucket] : undefined
  return prepare === undefined ? bare : prepare(bare, store)
}

/** Go prints an empty status of the built-in kinds; custom resources have none. */
function emptyStatus(type: ResourceDefinition): JsonObject | undefined {
  return type.custom === undefined ? {} : undefined
}

const SYSTEM_FIELDS = [
  'uid',
  'creationTimestamp',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
  'selfLink',
  'name',
  'namespace',
  'generateName',
] as const

/** A write changes either the object or one subresource of it; what it must not change stays as it was. */
export function prepareUpdate(
  type: ResourceDefinition,
  subresource: string,
  wanted: JsonObject,
  current: JsonObject,
): JsonObject {
  const before = metadataOf(current)
  const system = Object.fromEntries(SYSTEM_FIELDS.map((key) => [key, getOwn(before, key)]))
  const kept = withMetadata(wanted, system)
  if (subresource === 'status') return statusUpdate(type, kept, current)
  const own = type.bucket === 'daemonsets.apps' ? nextTemplateGeneration(kept, current) : kept
  const status = hasStatus(type) && subresource === '' ? withKeys(own, { status: getOwn(current, 'status') }) : own
  if (!type.generations || subresource === 'binding') return status
  return withMetadata(status, { generation: nextGeneration(type, status, current) })
}

/** Only the status, and of the metadata what the API server lets through. */
function statusUpdate(type: ResourceDefinition, wanted: JsonObject, current: JsonObject): JsonObject {
  const { managedFields, resourceVersion } = metadataOf(wanted)
  const { generation } = metadataOf(current)
  const both = type.custom === undefined && METADATA_WITH_STATUS.has(type.bucket)
  const metadata = both
    ? withKeys(metadataOf(wanted), { generation })
    : withKeys(metadataOf(current), { managedFields, resourceVersion })
  return withKeys(current, { metadata, status: getOwn(wanted, 'status') ?? emptyStatus(type) })
}

/** Labels and annotations of these can be changed together with the status. */
const METADATA_WITH_STATUS: ReadonlySet<string> = new Set(['pods', 'nodes', 'namespaces', 'services'])

/** What the status and the metadata say is no change of the wish. */
function nextGeneration(type: ResourceDefinition, wanted: JsonObject, current: JsonObject): number {
  const generation = metadataOf(current).generation
  const now = typeof generation === 'number' ? generation : 1
  return deepEqual(wish(type, wanted), wish(type, current)) ? now : now + 1
}

function wish(type: ResourceDefinition, object: JsonObject): JsonObject {
  if (type.custom === undefined && Object.hasOwn(object, 'spec')) return part(object, 'spec')
  const without: Record<string, undefined> = { metadata: undefined, managedFields: undefined }
  if (hasStatus(type)) without.status = undefined
  return withKeys(object, without)
}
