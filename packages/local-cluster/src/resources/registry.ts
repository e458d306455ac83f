import { BUILTIN_RESOURCES } from './builtin.ts'
import { apiVersionOf, type ResourceDefinition } from './definition.ts'

/** What the server serves: the built-in resources, and those of CustomResourceDefinitions as they come and go. */
export interface Registry {
  /** By path: `/apis/<group>/<version>/<resource>`. */
  byPath(group: string, version: string, resource: string): ResourceDefinition | undefined
  byKind(apiVersion: string, kind: string): ResourceDefinition | undefined
  /** All versions of a resource. */
  byResource(group: string, resource: string): readonly ResourceDefinition[]
  groupVersionExists(group: string, version: string): boolean
  all(): readonly ResourceDefinition[]
  /** Replaces what a CustomResourceDefinition (by name) serves; none: it serves nothing any more. */
  setCustom(name: string, definitions: readonly ResourceDefinition[]): void
}

export function createRegistry(): Registry {
  const custom = new Map<string, readonly ResourceDefinition[]>()
  let all: readonly ResourceDefinition[] = BUILTIN_RESOURCES
  let paths = index(all, pathKey)
  let kinds = index(all, kindKey)
  return {
    byPath: (group, version, resource) => paths.get(`${group}/${version}/${resource}`),
    byKind: (apiVersion, kind) => kinds.get(`${apiVersion}/${kind}`),
    byResource: (group, resource) => all.filter((one) => one.group === group && one.resource === resource),
    groupVersionExists: (group, version) => all.some((one) => one.group === group && one.version === version),
    all: () => all,
    setCustom(name, definitions) {
      if (definitions.length === 0) custom.delete(name)
      else custom.set(name, definitions)
      all = [...BUILTIN_RESOURCES, ...[...custom.values()].flat()]
      paths = index(all, pathKey)
      kinds = index(all, kindKey)
    },
  }
}

function pathKey(one: ResourceDefinition): string {
  return `${one.group}/${one.version}/${one.resource}`
}

function kindKey(one: ResourceDefinition): string {
  return `${apiVersionOf(one)}/${one.kind}`
}

/** The first of equal keys wins: a CustomResourceDefinition cannot hide a built-in resource. */
function index(
  all: readonly ResourceDefinition[],
  key: (one: ResourceDefinition) => string,
): ReadonlyMap<string, ResourceDefinition> {
  return new Map(all.map((one): [string, ResourceDefinition] => [key(one), one]).toReversed())
}
