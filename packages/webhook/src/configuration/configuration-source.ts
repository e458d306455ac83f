import type { KubeClient } from '@proa/kube-client'
import type { ConfigurationSource, LoadedConfiguration, PlainConfigurationOptions } from '../contracts.ts'
import { watchable } from '../watched.ts'
import { assembler } from './assemble.ts'
import { type ClusterWatch, noCluster, watchCluster } from './cluster-facts.ts'
import { type ConfigMapNames, configMapNames, textsFromConfigMaps } from './config-maps.ts'
import { type ConfigurationFiles, textsFromFiles } from './files.ts'
import type { ConfigurationLog, OpenTextSource } from './text-source.ts'

export interface ConfigurationSourceOptions {
  /** Revision, release, environment and what else is not in the texts. Nodes and ProxyConfig resources come from the cluster. */
  readonly options: PlainConfigurationOptions
  readonly log: ConfigurationLog
}

export interface FileSourceOptions extends ConfigurationSourceOptions {
  readonly files: ConfigurationFiles
  /** For Nodes, ProxyConfig resources and Namespaces; without it they are not known. */
  readonly client?: KubeClient | undefined
}

export interface ConfigMapSourceOptions extends ConfigurationSourceOptions {
  readonly client: KubeClient
  /** Default `istio-system`. */
  readonly namespace?: string
  /** Where the ConfigMaps have other names than those of the revision. */
  readonly names?: Partial<ConfigMapNames>
}

/** The configuration of files, watched. Loading and refusing is told by `subscribe`; nothing here throws later on. */
export function configurationFromFiles({ files, client, options, log }: FileSourceOptions): ConfigurationSource {
  return follow(textsFromFiles(files), client, options, log)
}

/** The configuration of the ConfigMaps `istio-sidecar-injector[-rev]` and `istio[-rev]`, watched. */
export function configurationFromConfigMaps(source: ConfigMapSourceOptions): ConfigurationSource {
  const { client, namespace = 'istio-system', names = {}, options, log } = source
  const all = { ...configMapNames(namespace, options.revision ?? ''), ...names }
  return follow(textsFromConfigMaps(client, all, log), client, options, log)
}

function follow(
  open: OpenTextSource,
  client: KubeClient | undefined,
  options: PlainConfigurationOptions,
  log: ConfigurationLog,
): ConfigurationSource {
  const state = watchable<LoadedConfiguration>()
  const assemble = assembler(options, state)
  const changed = (): void => {
    const texts = source.current
    const { facts } = cluster
    // A problem of the texts is told at once; a good whole needs all its parts.
    if (texts !== undefined && (facts !== undefined || texts.problem !== undefined)) assemble.update(texts, facts ?? {})
  }
  const cluster: ClusterWatch = client === undefined ? noCluster : watchCluster(client, options, log, changed)
  const source = open(changed)
  return {
    get current() {
      return state.current
    },
    get problem() {
      return state.problem
    },
    subscribe: state.subscribe,
    namespaceObject: cluster.namespaceObject,
    stop() {
      source.stop()
      cluster.stop()
    },
  }
}
