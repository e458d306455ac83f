/** Discovery as every client understands it: one answer per group and per version. */
import type { JsonObject } from '@proa/kube'
import type { ResourceType } from '../api/types.ts'
import { type GroupVersion, namedGroups } from './group-versions.ts'
import { subresourcesOf, verbsOf } from './subresources.ts'

/** `/api`. */
export function coreVersions(address: string): JsonObject {
  return {
    kind: 'APIVersions',
    versions: ['v1'],
    serverAddressByClientCIDRs: [{ clientCIDR: '0.0.0.0/0', serverAddress: address }],
  }
}

/** `/apis`. */
export function groupList(versions: readonly GroupVersion[]): JsonObject {
  const groups = [...namedGroups(versions)].map(([name, list]) => groupEntry(name, list))
  return { kind: 'APIGroupList', apiVersion: 'v1', groups }
}

/** `/apis/apps`; `undefined` when there is no such group. */
export function group(name: string, versions: readonly GroupVersion[]): JsonObject | undefined {
  const list = namedGroups(versions).get(name)
  return list === undefined ? undefined : { kind: 'APIGroup', apiVersion: 'v1', ...groupEntry(name, list) }
}

function groupEntry(name: string, list: readonly GroupVersion[]): JsonObject {
  const versions = list.map((version) => ({ groupVersion: version.name, version: version.version }))
  return { name, versions, preferredVersion: versions[0] ?? null }
}

/** `/api/v1`, `/apis/apps/v1`. */
export function resourceList(version: GroupVersion): JsonObject {
  return {
    kind: 'APIResourceList',
    // The core list is older than the field.
    ...(version.group === '' ? {} : { apiVersion: 'v1' }),
    groupVersion: version.name,
    resources: version.resources.flatMap(resourceEntries),
  }
}

function resourceEntries(type: ResourceType): JsonObject[] {
  const own: JsonObject = {
    name: type.resource,
    singularName: type.singular,
    namespaced: type.namespaced,
    kind: type.kind,
    verbs: verbsOf(type),
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
  }
  const below = subresourcesOf(type).map(({ name, group: subGroup, version, kind, verbs }) => ({
    name: `${type.resource}/${name}`,
    singularName: '',
    namespaced: type.namespaced,
    // Named only where they differ from the list's own.
    ...(subGroup === type.group && version === type.version ? {} : { group: subGroup, version }),
    kind,
    verbs,
  }))
  return [own, ...below]
}
