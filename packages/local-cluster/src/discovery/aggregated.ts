/** Discovery in one answer (`apidiscovery.k8s.io/v2`): kubectl asks for this first. */
import type { JsonObject } from '@proa/kube'
import type { ResourceType } from '../api/types.ts'
import { type GroupVersion, namedGroups } from './group-versions.ts'
import { subresourcesOf, verbsOf } from './subresources.ts'

export const AGGREGATED_TYPE = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'

/** `/api` for `core`, `/apis` otherwise. */
export function aggregatedDiscovery(which: 'core' | 'named', versions: readonly GroupVersion[]): JsonObject {
  const core = versions.filter(({ group }) => group === '')
  const items =
    which === 'core'
      ? [{ metadata: {}, versions: core.map(versionEntry) }]
      : [...namedGroups(versions)].map(([name, list]) => ({ metadata: { name }, versions: list.map(versionEntry) }))
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items }
}

function versionEntry(version: GroupVersion): JsonObject {
  return { version: version.version, resources: version.resources.map(resourceEntry), freshness: 'Current' }
}

function resourceEntry(type: ResourceType): JsonObject {
  const below = subresourcesOf(type)
  return {
    resource: type.resource,
    responseKind: { group: type.group, version: type.version, kind: type.kind },
    scope: type.namespaced ? 'Namespaced' : 'Cluster',
    singularResource: type.singular,
    verbs: verbsOf(type),
    ...(type.shortNames.length === 0 ? {} : { shortNames: type.shortNames }),
    ...(type.categories.length === 0 ? {} : { categories: type.categories }),
    ...(below.length === 0
      ? {}
      : {
          subresources: below.map(({ name, group, version, kind, verbs }) => ({
            subresource: name,
            responseKind: { group, version, kind },
            verbs,
          })),
        }),
  }
}
