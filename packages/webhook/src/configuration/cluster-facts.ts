import type { JsonObject } from '@proa/kube'
import {
  isForbidden,
  isNotFound,
  type KindRef,
  type KubeClient,
  type WatchedObjects,
  watchObjects,
} from '@proa/kube-client'
import type { PlainConfigurationOptions } from '../contracts.ts'
import type { ClusterFacts } from './assemble.ts'
import { nodeFacts, smallNode } from './node-facts.ts'
import { proxyConfigFacts } from './proxy-config-facts.ts'
import type { ConfigurationLog } from './text-source.ts'

/** What the cluster itself says, beside the configuration's texts. */
export interface ClusterWatch {
  /** Undefined until each part was asked for once. */
  readonly facts: ClusterFacts | undefined
  namespaceObject(name: string): JsonObject | undefined
  stop(): void
}

const NODES: KindRef = { apiVersion: 'v1', kind: 'Node' }
const NAMESPACES: KindRef = { apiVersion: 'v1', kind: 'Namespace' }
const PROXY_CONFIGS: KindRef = { apiVersion: 'networking.istio.io/v1beta1', kind: 'ProxyConfig' }

/** Milliseconds: a change of many objects is one change. */
const DEBOUNCE = 100

/** Without a cluster nothing is known, which is an answer too. */
export const noCluster: ClusterWatch = { facts: {}, namespaceObject: () => undefined, stop: () => {} }

/** Watches Nodes where native sidecars depend on them, ProxyConfig resources, and Namespaces on OpenShift. */
export function watchCluster(
  client: KubeClient,
  options: PlainConfigurationOptions,
  log: ConfigurationLog,
  changed: () => void,
): ClusterWatch {
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const schedule = (): void => {
    if (stopped) return
    timer ??= setTimeout(() => {
      timer = undefined
      changed()
    }, DEBOUNCE)
  }
  const start = (ref: KindRef, keep?: Keep): Part => watchPart(client, ref, keep, log, schedule)
  const nodes = dependsOnNodes(options) ? start(NODES, smallNode) : undefined
  const proxyConfigs = start(PROXY_CONFIGS)
  const namespaces = options.env.PLATFORM === 'openshift' ? start(NAMESPACES) : undefined
  const all = [nodes, proxyConfigs, namespaces].filter((part) => part !== undefined)
  return {
    get facts() {
      if (all.some((part) => !part.wasAsked)) return undefined
      return {
        ...(nodes?.items === undefined ? {} : { nodes: nodeFacts(nodes.items) }),
        ...(proxyConfigs.items === undefined ? {} : { proxyConfigs: proxyConfigFacts(proxyConfigs.items) }),
      }
    },
    namespaceObject: (name) => namespaces?.get(name),
    stop() {
      stopped = true
      clearTimeout(timer)
      for (const part of all) part.stop()
    },
  }
}

/** Istio's default is `auto`. */
function dependsOnNodes({ nativeSidecars, env }: PlainConfigurationOptions): boolean {
  if (nativeSidecars !== undefined) return nativeSidecars === 'auto'
  const variable = env.ENABLE_NATIVE_SIDECARS ?? ''
  return variable === '' || variable === 'auto'
}

type Keep = (object: JsonObject) => JsonObject

interface Part {
  /** Whether there was an answer, good or bad. */
  readonly wasAsked: boolean
  /** Undefined while they were never seen. */
  readonly items: readonly JsonObject[] | undefined
  get(name: string): JsonObject | undefined
  stop(): void
}

/** A kind that may be missing in the cluster, or not be for us to read: that is told once, and tried again now and then. */
function watchPart(
  client: KubeClient,
  ref: KindRef,
  keep: Keep | undefined,
  log: ConfigurationLog,
  changed: () => void,
): Part {
  let wasAsked = false
  let hasSynced = false
  let toldError = ''
  const watched: WatchedObjects = watchObjects(client, ref, {
    ...(keep === undefined ? {} : { keep }),
    changed,
    failed(error) {
      if (!wasAsked) changed()
      wasAsked = true
      if (error.message === toldError) return
      toldError = error.message
      if (isNotFound(error)) log.info({ kind: ref.kind }, `the cluster has no ${ref.kind} objects`)
      else if (isForbidden(error))
        log.warn({ kind: ref.kind, problem: error.message }, `may not read ${ref.kind} objects: going on without`)
      else log.warn({ kind: ref.kind, problem: error.message }, `${ref.kind} objects cannot be watched at the moment`)
    },
  })
  void watched.synced.then(() => {
    wasAsked = true
    hasSynced = true
    changed()
  })
  return {
    get wasAsked() {
      return wasAsked
    },
    get items() {
      return hasSynced ? watched.items : undefined
    },
    get: (name) => watched.get(name),
    stop: watched.stop,
  }
}
