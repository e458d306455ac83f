import { resolve } from 'node:path'
import {
  type ClusterConnection,
  ConnectionError,
  createClient,
  type KubeClient,
  KubeConfigError,
  loadKubeConfig,
  StatusError,
} from '@proa/kube-client'
import { CliError } from '../cli-error.ts'
import type { Context } from '../context.ts'
import type { ClusterOptions } from './cluster-options.ts'

/**
 * Runs something with a client of the cluster that the flags name, and tells its errors in the words of a command.
 * @throws CliError
 */
export async function withCluster<T>(
  context: Context,
  options: ClusterOptions,
  run: (client: KubeClient, connection: ClusterConnection) => Promise<T>,
): Promise<T> {
  let client: KubeClient | undefined
  try {
    const connection = await loadKubeConfig({
      kubeconfig: options.kubeconfig === undefined ? undefined : resolve(context.cwd, options.kubeconfig),
      context: options.context,
      env: context.env,
    })
    client = createClient(connection)
    return await run(client, connection)
  } catch (error) {
    throw asCliError(error)
  } finally {
    client?.close()
  }
}

/** What the cluster said, as an error of the command. Faults of ours stay what they are. */
export function asCliError(error: unknown): unknown {
  if (error instanceof KubeConfigError) {
    const hint = 'Name a cluster with --kubeconfig FILE and --context NAME, or start one with "proa local-cluster".'
    return new CliError(error.message, { hint, cause: error })
  }
  if (error instanceof ConnectionError) return new CliError(error.message, { cause: error })
  if (error instanceof StatusError) return new CliError(error.message, { hint: hintOf(error), cause: error })
  return error
}

/** `deployments.apps is forbidden: User "x" cannot create resource "deployments" in API group "apps" …` */
const FORBIDDEN = /User "([^"]*)" cannot (\w+) resource "([^"]*)" in API group "([^"]*)"(.*)$/

/** What to do about a refusal. */
export function hintOf(error: StatusError): string | undefined {
  if (error.code === 401)
    return 'The cluster does not know these credentials; log in again, or choose another --context.'
  if (error.reason !== 'Forbidden') return undefined
  const match = FORBIDDEN.exec(error.message)
  if (match === null) return undefined
  const [, user = '', verb = '', resource = '', group = '', where = ''] = match
  const kind = group === '' ? resource : `${resource}.${group}`
  const scope = where.includes('cluster scope') ? ' in the whole cluster (a ClusterRole)' : where.trimEnd()
  return `"${user}" lacks the permission "${verb}" on "${kind}"${scope}. Whoever administers the cluster can give it.`
}
