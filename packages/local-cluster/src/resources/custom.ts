import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { metadataOf, nameOf, part, withKeys } from '../api/metadata.ts'
import type { Store, StoreChange } from '../store/store.ts'
import { BUILTIN_RESOURCES } from './builtin.ts'
import { ALL_VERBS, type ResourceDefinition } from './definition.ts'
import { fieldText } from './fields.ts'
import type { Registry } from './registry.ts'

export const DEFINITIONS_BUCKET = 'customresourcedefinitions.apiextensions.k8s.io'
/** Holds a definition that is deleted until its objects are gone. */
export const CUSTOM_RESOURCE_CLEANUP = 'customresourcecleanup.apiextensions.k8s.io'

const BUILTIN_BUCKETS: ReadonlySet<string> = new Set(BUILTIN_RESOURCES.map(({ bucket }) => bucket))

/** `deployments.apps` can be defined, but what is built in goes on being served, and its objects are not the definition's. */
export function isBuiltIn(definition: JsonObject): boolean {
  return BUILTIN_BUCKETS.has(nameOf(definition))
}

/** Serves what CustomResourceDefinitions define, from now on. */
export function followDefinitions(store: Store, registry: Registry): () => void {
  for (const definition of store.list(DEFINITIONS_BUCKET)) {
    if (!isBuiltIn(definition)) registry.setCustom(nameOf(definition), customResources(definition))
  }
  return store.onChange((change) => {
    if (change.key.bucket !== DEFINITIONS_BUCKET) return
    if (!isBuiltIn(change.object)) follow(store, registry, change)
  })
}

function follow(store: Store, registry: Registry, { type, object, key }: StoreChange): void {
  if (type !== 'DELETED') {
    registry.setCustom(key.name, customResources(object))
    return
  }
  registry.setCustom(key.name, [])
  for (const one of store.list(key.name)) {
    const { namespace, name } = metadataOf(one)
    store.remove({ bucket: key.name, namespace: typeof namespace === 'string' ? namespace : '', name: String(name) })
  }
}

/** Whether the definition of a custom resource is on its way out: then no more of its objects may come. */
export function isEnding(type: ResourceDefinition, store: Store): boolean {
  if (type.custom === undefined) return false
  const definition = store.get({ bucket: DEFINITIONS_BUCKET, namespace: '', name: type.bucket })
  return definition !== undefined && typeof metadataOf(definition).deletionTimestamp === 'string'
}

/** The resources of a definition, one for each version that is served. Their bucket is the definition's name. */
export function customResources(definition: JsonObject): readonly ResourceDefinition[] {
  const spec = part(definition, 'spec')
  const names = part(spec, 'names')
  const text = (key: string): string => (typeof names[key] === 'string' ? names[key] : '')
  const versions = objects(getOwn(spec, 'versions')).filter((one) => one.served === true)
  return versions.map((version): ResourceDefinition => {
    const subresources = part(version, 'subresources')
    const status = isObject(getOwn(subresources, 'status'))
    const scale = getOwn(subresources, 'scale')
    const schema = getOwn(part(version, 'schema'), 'openAPIV3Schema')
    return {
      group: String(spec.group),
      version: String(version.name),
      resource: text('plural'),
      singular: text('singular') || text('kind').toLowerCase(),
      kind: text('kind'),
      namespaced: spec.scope !== 'Cluster',
      shortNames: texts(names.shortNames),
      categories: texts(names.categories),
      subresources: [...(status ? ['status'] : []), ...(isObject(scale) ? ['scale'] : [])],
      verbs: ALL_VERBS,
      bucket: nameOf(definition),
      struct: undefined,
      selectableFields: selectable(version),
      generations: true,
      custom: {
        schema: isObject(schema) ? schema : undefined,
        status,
        columns: objects(getOwn(version, 'additionalPrinterColumns')),
        ...(isObject(scale) ? { scale } : {}),
      },
    }
  })
}

function selectable(version: JsonObject): Readonly<Record<string, (object: JsonObject) => string>> {
  const paths = objects(getOwn(version, 'selectableFields')).map((one) => String(one.jsonPath).replace(/^\./, ''))
  return Object.fromEntries(paths.map((path) => [path, (object: JsonObject) => fieldText(object, path)]))
}

/** A new definition is served at once. */
export function prepareDefinition(definition: JsonObject, now: Json): JsonObject {
  const spec = part(definition, 'spec')
  const condition = (type: string, reason: string, message: string): JsonObject => ({
    lastTransitionTime: now,
    message,
    reason,
    status: 'True',
    type,
  })
  const stored = objects(getOwn(spec, 'versions')).filter((one) => one.storage === true)
  return withKeys(definition, {
    status: {
      conditions: [
        condition('NamesAccepted', 'NoConflicts', 'no conflicts found'),
        condition('Established', 'InitialNamesAccepted', 'the initial names have been accepted'),
      ],
      acceptedNames: part(spec, 'names'),
      storedVersions: stored.map((one) => one.name ?? ''),
    },
  })
}

function objects(value: Json | undefined): readonly JsonObject[] {
  return isArray(value) ? value.filter((one) => isObject(one)) : []
}

function texts(value: Json | undefined): readonly string[] {
  return isArray(value) ? value.filter((one) => typeof one === 'string') : []
}
