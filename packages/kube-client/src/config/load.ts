import { keepAliveAgent, type RequestAccess, readTls, staticHeaders } from './access.ts'
import type { ChosenContext } from './choose.ts'
import { chooseContext } from './choose.ts'
import { type Environment, type FoundConfig, findKubeConfig, SERVICE_ACCOUNT_DIRECTORY } from './find.ts'
import { parseKubeConfig, textOf } from './kubeconfig-file.ts'
import { loadPlugin, needsPlugin, type PluginOptions } from './plugin.ts'
import { proxyFor } from './proxy.ts'

export interface KubeConfigOptions {
  /** A file; goes before everything that the environment says. */
  readonly kubeconfig?: string | undefined
  /** The text of a kubeconfig instead of a file. */
  readonly text?: string | undefined
  /** By default the file's current context. */
  readonly context?: string | undefined
  /** `process.env` of the program. */
  readonly env: Environment
  /** By default `/var/run/secrets/kubernetes.io/serviceaccount`. */
  readonly serviceAccountDirectory?: string
}

/** How to reach one API server, and as whom. */
export interface ClusterConnection {
  readonly server: string
  readonly context: string
  /** Of the context; `default` when it names none. */
  readonly namespace: string
  /** Where it was found, for messages. */
  readonly source: string
  /** Credentials as they are now: files are read again, expired tokens renewed. */
  access(): Promise<RequestAccess>
  /** The server did not accept the credentials: the next `access` gets new ones. False when there can be none. */
  forget(): boolean
  close(): void
}

/**
 * Finds the kubeconfig as kubectl does: `kubeconfig`, else KUBECONFIG (several files merged), else the ServiceAccount of the
 * Pod that this runs in, else `~/.kube/config`. Nothing is sent to the cluster yet.
 *
 * @throws KubeConfigError
 */
export async function loadKubeConfig(options: KubeConfigOptions): Promise<ClusterConnection> {
  const found = options.text === undefined ? find(options) : given(options.text)
  const chosen = chooseContext(found, options.context)
  // Read once now, so that what is missing is told at the start and not with the first request.
  readTls(chosen)
  const proxy = textOf(chosen.cluster, 'proxy-url') ?? proxyFor(chosen.server, options.env)
  return connect(chosen, found.source, proxy)
}

function find({
  kubeconfig,
  env,
  serviceAccountDirectory = SERVICE_ACCOUNT_DIRECTORY,
}: KubeConfigOptions): FoundConfig {
  return findKubeConfig({ kubeconfig, env, serviceAccountDirectory })
}

function given(text: string): FoundConfig {
  return { content: parseKubeConfig(text, 'kubeconfig'), source: 'given as text' }
}

function connect(chosen: ChosenContext, source: string, proxy: string | undefined): ClusterConnection {
  const agent = keepAliveAgent(chosen.server)
  const agents = new Set([agent])
  const pluggable = needsPlugin(chosen.user)
  let plugin: Promise<() => Promise<PluginOptions>> | undefined
  let pluginTls = ''
  let pending: Promise<RequestAccess> | undefined

  const read = async (): Promise<RequestAccess> => {
    const tls = readTls(chosen)
    const headers = staticHeaders(chosen.user)
    if (!pluggable && proxy === undefined) return { headers, agent, tls }
    const tlsText = JSON.stringify(tls)
    // The library's proxy agent keeps the certificates that it was made with.
    if (plugin === undefined || (proxy !== undefined && pluginTls !== tlsText)) {
      pluginTls = tlsText
      plugin = loadPlugin(chosen, proxy, tls)
    }
    const { authorization, agent: proxyAgent, ...certificate } = await (await plugin)()
    if (proxyAgent !== undefined) agents.add(proxyAgent)
    return {
      headers: authorization === undefined ? headers : { ...headers, Authorization: authorization },
      agent: proxyAgent ?? agent,
      tls: { ...tls, ...certificate },
    }
  }
  return {
    server: chosen.server,
    context: chosen.name,
    namespace: chosen.namespace,
    source,
    access() {
      // Requests of the same moment share one reading: a plugin is a program that is started.
      pending ??= read().finally(() => {
        pending = undefined
      })
      return pending
    },
    forget() {
      plugin = undefined
      return pluggable
    },
    close() {
      for (const each of agents) each.destroy()
    },
  }
}
