import type { Agent } from 'node:http'
import type { RequestOptions } from 'node:https'
import path from 'node:path'
import { getOwn, isArray, isObject, type Json, type JsonObject } from '@proa/kube'
import { KubeConfigError } from '../errors.ts'
import type { TlsOptions } from './access.ts'
import type { ChosenContext } from './choose.ts'
import type { NamedEntry } from './kubeconfig-file.ts'

/** What a credential plugin or a proxy adds to a request. */
export interface PluginOptions {
  readonly authorization?: string
  readonly cert?: string
  readonly key?: string
  /** The proxy's, when there is one. */
  readonly agent: Agent | undefined
}

/** A user whose credentials come from a program or an identity provider. */
export function needsPlugin(user: NamedEntry | undefined): boolean {
  return user !== undefined && (isObject(getOwn(user.body, 'exec')) || isObject(getOwn(user.body, 'auth-provider')))
}

/**
 * Credential plugins (`exec`, OpenID Connect, the clouds) and proxies are the official client's: each is protocol enough
 * for a library. It is loaded here and nowhere else, because it costs more memory than all the rest of this program.
 */
export async function loadPlugin(
  chosen: ChosenContext,
  proxy: string | undefined,
  tls: TlsOptions,
): Promise<() => Promise<PluginOptions>> {
  const { KubeConfig } = await import('./official-client.ts')
  const config = new KubeConfig()
  config.loadFromString(JSON.stringify(document(chosen, proxy, tls)))
  const { user } = chosen
  return async () => {
    const options: RequestOptions = {}
    try {
      await config.applyToHTTPSOptions(options)
    } catch (cause) {
      throw new KubeConfigError(pluginProblem(user, cause), { cause })
    }
    const authorization = (options.headers as Record<string, string> | undefined)?.Authorization
    return {
      ...(typeof authorization === 'string' ? { authorization: authorization.trim() } : {}),
      // Buffers are those that were handed in; a plugin gives texts.
      ...(typeof options.cert === 'string' ? { cert: options.cert } : {}),
      ...(typeof options.key === 'string' ? { key: options.key } : {}),
      agent: proxy === undefined ? undefined : keepAlive(options.agent as Agent),
    }
  }
}

function keepAlive(agent: Agent): Agent {
  Object.assign(agent, { keepAlive: true })
  return agent
}

/** Only what the library is asked for; the certificates are for its proxy agent, which knows no others. */
function document({ user, server }: ChosenContext, proxy: string | undefined, tls: TlsOptions): JsonObject {
  const name = 'chosen'
  const exec = user === undefined ? undefined : getOwn(user.body, 'exec')
  const provider = user === undefined ? undefined : getOwn(user.body, 'auth-provider')
  return {
    clusters: [
      {
        name,
        cluster: {
          server,
          // The library refuses plain http without it.
          'insecure-skip-tls-verify': tls.rejectUnauthorized === false || server.startsWith('http:'),
          ...(tls.servername === undefined ? {} : { 'tls-server-name': tls.servername }),
          ...(tls.ca === undefined ? {} : { 'certificate-authority-data': base64(tls.ca) }),
          ...(proxy === undefined ? {} : { 'proxy-url': proxy }),
        },
      },
    ],
    users: [
      {
        name,
        user: {
          ...(tls.cert === undefined ? {} : { 'client-certificate-data': base64(tls.cert) }),
          ...(tls.key === undefined ? {} : { 'client-key-data': base64(tls.key) }),
          ...(isObject(exec) ? { exec: execOf(exec, user, server, tls) } : {}),
          ...(isObject(provider) ? { 'auth-provider': provider } : {}),
        },
      },
    ],
    contexts: [{ name, context: { cluster: name, user: name } }],
    'current-context': name,
  }
}

/** As kubectl tells a plugin what it is asked for; the library does not. */
function execOf(exec: JsonObject, user: NamedEntry | undefined, server: string, tls: TlsOptions): JsonObject {
  const cluster = {
    server,
    ...(tls.ca === undefined ? {} : { 'certificate-authority-data': base64(tls.ca) }),
    ...(tls.servername === undefined ? {} : { 'tls-server-name': tls.servername }),
    ...(tls.rejectUnauthorized === false ? { 'insecure-skip-tls-verify': true } : {}),
  }
  const info = {
    apiVersion: getOwn(exec, 'apiVersion') ?? 'client.authentication.k8s.io/v1',
    kind: 'ExecCredential',
    spec: { interactive: false, ...(getOwn(exec, 'provideClusterInfo') === true ? { cluster } : {}) },
  }
  const env = getOwn(exec, 'env')
  const given = isArray(env) ? env : []
  return {
    ...exec,
    command: commandOf(exec, user),
    env: [...given, { name: 'KUBERNETES_EXEC_INFO', value: JSON.stringify(info) }],
  }
}

function base64(pem: string | Buffer): string {
  return Buffer.from(pem).toString('base64')
}

/** A command with a slash counts from the folder of the kubeconfig file; a bare one is looked for in PATH. */
function commandOf(exec: JsonObject, user: NamedEntry | undefined): Json {
  const command = getOwn(exec, 'command')
  if (typeof command !== 'string' || user === undefined || !/[\\/]/.test(command)) return command ?? ''
  return path.resolve(path.dirname(user.file), command)
}

function pluginProblem(user: NamedEntry | undefined, cause: unknown): string {
  const where = `kubeconfig ${user?.file}: user "${user?.name}"`
  const exec = user === undefined ? undefined : getOwn(user.body, 'exec')
  if (!isObject(exec)) return `${where}: its auth-provider gave no credentials: ${messageOf(cause)}`
  const command = String(getOwn(exec, 'command') ?? '')
  if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
    const hint = getOwn(exec, 'installHint')
    return `${where}: the command ${command}, which gives its credentials, was not found${typeof hint === 'string' ? `: ${hint.trim()}` : ''}`
  }
  return `${where}: the command ${command} gave no credentials: ${messageOf(cause)}`
}

function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message.trim() : String(cause)
}
