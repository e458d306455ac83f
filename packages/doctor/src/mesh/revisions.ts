import { type Configuration, InjectionConfigurationError, loadConfiguration } from '@proa/injector'
import type { JsonObject } from '@proa/kube'
import { type Cluster, remembered } from '../cluster/cluster.ts'
import { at, nameOf, namespaceOf, textAt } from '../reading.ts'
import { controlPlaneEnv } from './control-plane-env.ts'
import { type Injector, injectors } from './injectors.ts'

/** The revision without a suffix in the names of its objects. */
const DEFAULT_REVISION = 'default'
const INJECTOR_CONFIG_MAP = 'istio-sidecar-injector'
const MESH_CONFIG_MAP = 'istio'

/** What an injector decides and renders by, or why that is not known. */
export type RevisionConfiguration =
  | { readonly kind: 'loaded'; readonly configuration: Configuration }
  /** The injector cannot use it either. */
  | { readonly kind: 'broken'; readonly error: InjectionConfigurationError }
  /** No such ConfigMap, although ConfigMaps could be read; or they could not be read. */
  | { readonly kind: 'missing' | 'unread'; readonly name: string }

/** One control plane: what is behind one or several injection webhooks. */
export interface Revision {
  readonly name: string
  /** Where its service, ConfigMaps and Pods are. "" when its webhooks name a URL and no ConfigMap tells. */
  readonly namespace: string
  /** Its webhooks, those of its tags included. */
  readonly injectors: readonly Injector[]
  readonly configMap: JsonObject | undefined
  readonly meshConfigMap: JsonObject | undefined
  readonly configuration: RevisionConfiguration
}

/** The control planes that some webhook names, in the order of the webhooks. */
export const revisions: (cluster: Cluster) => readonly Revision[] = remembered((cluster) => {
  const groups = Map.groupBy(injectors(cluster), (injector) => keyOf(injector.revision, placeOf(cluster, injector)))
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    return first === undefined ? [] : [revisionOf(cluster, first.revision, placeOf(cluster, first), group)]
  })
})

const keyOf = (revision: string, namespace: string): string => `${namespace}/${revision}`

/** The control plane behind an injection webhook. */
export function revisionBehind(cluster: Cluster, injector: Injector): Revision | undefined {
  return revisions(cluster).find((revision) => revision.injectors.includes(injector))
}

/** The namespace of the service; for a webhook with a URL, of the ConfigMap of its revision. */
function placeOf(cluster: Cluster, { service, revision }: Injector): string {
  if (service !== undefined) return service.namespace
  const name = withSuffix(INJECTOR_CONFIG_MAP, revision)
  const found = cluster.all('ConfigMap').find((map) => nameOf(map) === name)
  return found === undefined ? '' : namespaceOf(found)
}

function revisionOf(cluster: Cluster, name: string, namespace: string, group: readonly Injector[]): Revision {
  const configMap = cluster.find('ConfigMap', namespace, withSuffix(INJECTOR_CONFIG_MAP, name))
  const meshConfigMap = cluster.find('ConfigMap', namespace, withSuffix(MESH_CONFIG_MAP, name))
  let configuration: RevisionConfiguration | undefined
  return {
    name,
    namespace,
    injectors: group,
    configMap,
    meshConfigMap,
    get configuration() {
      configuration ??= load(cluster, { name, namespace, injectors: group, configMap, meshConfigMap })
      return configuration
    },
  }
}

function load(
  cluster: Cluster,
  { name: revision, namespace, injectors: group, configMap, meshConfigMap }: Omit<Revision, 'configuration'>,
): RevisionConfiguration {
  const name = `${namespace}/${withSuffix(INJECTOR_CONFIG_MAP, revision)}`
  if (configMap === undefined) {
    return { kind: cluster.unread('ConfigMap', namespace) === undefined ? 'missing' : 'unread', name }
  }
  const env = controlPlaneEnv(cluster, group)
  try {
    const configuration = loadConfiguration(
      {
        ...source('config', configMap, 'config'),
        ...source('values', configMap, 'values'),
        ...source('mesh', meshConfigMap, 'mesh'),
      },
      {
        revision: revision === DEFAULT_REVISION ? '' : revision,
        ...(cluster.unread('Node') === undefined ? { nodes: cluster.all('Node') } : {}),
        proxyConfigs: cluster.all('ProxyConfig'),
        env: (variable) => env.get(variable),
      },
    )
    return { kind: 'loaded', configuration }
  } catch (error) {
    if (error instanceof InjectionConfigurationError) return { kind: 'broken', error }
    throw error
  }
}

/** The text under a key of a ConfigMap, with the name to call it by in messages. */
function source(as: 'config' | 'values' | 'mesh', configMap: JsonObject | undefined, key: string): object {
  const text = at(configMap, 'data', key)
  if (typeof text !== 'string') return {}
  return {
    [as]: {
      text,
      source: `ConfigMap ${textAt(configMap, 'metadata', 'namespace')}/${textAt(configMap, 'metadata', 'name')}, ${key}`,
    },
  }
}

function withSuffix(name: string, revision: string): string {
  return revision === DEFAULT_REVISION ? name : `${name}-${revision}`
}
