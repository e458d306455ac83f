import type { SourceText } from '@proa/injector'
import { getOwn, isObject, type JsonObject } from '@proa/kube'
import { type KubeClient, type WatchedObjects, watchObjects } from '@proa/kube-client'
import type { Texts } from './assemble.ts'
import type { ConfigurationLog, OpenTextSource } from './text-source.ts'

export interface ConfigMapNames {
  /** Where Istio is installed. */
  readonly namespace: string
  /** By default {@link configMapName} of `istio-sidecar-injector`. */
  readonly injector: string
  /** By default that of `istio`. */
  readonly mesh: string
}

/** Milliseconds: what belongs together is changed one after the other. */
const DEBOUNCE = 100

/** The revisions "" and `default` have no suffix. */
export function configMapNames(namespace: string, revision: string): ConfigMapNames {
  const suffix = revision === '' || revision === 'default' ? '' : `-${revision}`
  return { namespace, injector: `istio-sidecar-injector${suffix}`, mesh: `istio${suffix}` }
}

/** The texts of Istio's ConfigMaps: keys `config` and `values` of the injector's, `mesh` of the mesh's. */
export function textsFromConfigMaps(client: KubeClient, names: ConfigMapNames, log: ConfigurationLog): OpenTextSource {
  return (changed) => {
    let current: Texts | undefined
    let timer: NodeJS.Timeout | undefined
    let stopped = false
    const injector = watchConfigMap(client, names.namespace, names.injector, () => schedule(), log)
    const mesh = watchConfigMap(client, names.namespace, names.mesh, () => schedule(), log)

    function schedule(): void {
      if (!stopped) timer ??= setTimeout(look, DEBOUNCE)
    }
    function look(): void {
      timer = undefined
      const texts = textsOf(injector, mesh)
      if (texts === undefined) return
      current = texts
      changed()
    }
    return {
      get current() {
        return current
      },
      stop() {
        stopped = true
        clearTimeout(timer)
        injector.stop()
        mesh.stop()
      },
    }
  }
}

/** A ConfigMap that is watched. */
interface OneConfigMap {
  readonly title: string
  /** Undefined before the first answer; then the object, or why there is none. */
  readonly state: { readonly object: JsonObject } | { readonly problem: string } | undefined
  stop(): void
}

function watchConfigMap(
  client: KubeClient,
  namespace: string,
  name: string,
  changed: () => void,
  log: ConfigurationLog,
): OneConfigMap {
  const title = `ConfigMap ${namespace}/${name}`
  const ref = { apiVersion: 'v1', kind: 'ConfigMap', namespace, fieldSelector: `metadata.name=${name}` }
  let hasSynced = false
  let wasThere = false
  let lastError = ''
  const watched: WatchedObjects = watchObjects(client, ref, {
    changed: () => {
      wasThere = true
      lastError = ''
      changed()
    },
    failed: ({ message }) => {
      // The same again and again while a server is away.
      if (message !== lastError) log.warn({ problem: message }, `${title} cannot be watched at the moment`)
      lastError = message
      changed()
    },
  })
  void watched.synced.then(() => {
    hasSynced = true
    changed()
  })
  return {
    title,
    get state() {
      const object = watched.get(name, namespace)
      if (object !== undefined) return { object }
      if (hasSynced) return { problem: `${title} ${wasThere ? 'was deleted' : 'does not exist'}` }
      return lastError === '' ? undefined : { problem: `${title}: ${lastError}` }
    },
    stop: watched.stop,
  }
}

function textsOf(injector: OneConfigMap, mesh: OneConfigMap): Texts | undefined {
  const found: SourceText[] = []
  for (const [map, key] of [
    [injector, 'config'],
    [injector, 'values'],
    [mesh, 'mesh'],
  ] as const) {
    const { state } = map
    if (state === undefined) return undefined
    if ('problem' in state) return state
    const text = dataOf(state.object, key)
    if (text === undefined) return { problem: `${map.title} has no key ${key}` }
    found.push({ text, source: `${map.title}, key ${key}` })
  }
  const [config, values, meshText] = found
  if (config === undefined || values === undefined || meshText === undefined) return undefined
  return { sources: { config, values, mesh: meshText } }
}

function dataOf(map: JsonObject, key: string): string | undefined {
  const data = getOwn(map, 'data')
  const text = isObject(data) ? getOwn(data, key) : undefined
  return typeof text === 'string' ? text : undefined
}
