import { existsSync } from 'node:fs'
import path from 'node:path'
import { KubeConfigError } from '../errors.ts'
import { type KubeConfigContent, mergeKubeConfigs, readKubeConfigFile } from './kubeconfig-file.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/** Where a Pod finds the credentials of its ServiceAccount. */
export const SERVICE_ACCOUNT_DIRECTORY = '/var/run/secrets/kubernetes.io/serviceaccount'

export interface FoundConfig {
  readonly content: KubeConfigContent
  /** For messages: the files, or `the ServiceAccount of this Pod`. */
  readonly source: string
}

export interface FindOptions {
  readonly kubeconfig: string | undefined
  readonly env: Environment
  /** {@link SERVICE_ACCOUNT_DIRECTORY}, elsewhere in tests. */
  readonly serviceAccountDirectory: string
}

/**
 * `--kubeconfig`, else KUBECONFIG, else the ServiceAccount of the Pod that this runs in, else `~/.kube/config`.
 *
 * @throws KubeConfigError
 */
export function findKubeConfig({ kubeconfig, env, serviceAccountDirectory }: FindOptions): FoundConfig {
  if (kubeconfig !== undefined) {
    const content = readKubeConfigFile(kubeconfig)
    if (content === undefined) throw new KubeConfigError(`kubeconfig ${kubeconfig}: there is no such file`)
    return { content, source: kubeconfig }
  }
  const listed = (env.KUBECONFIG ?? '').split(path.delimiter).filter((file) => file !== '')
  if (listed.length > 0) return fromList(listed)
  const host = env.KUBERNETES_SERVICE_HOST
  if (host !== undefined && host !== '' && existsSync(path.join(serviceAccountDirectory, 'token'))) {
    return { content: inCluster(host, env, serviceAccountDirectory), source: 'the ServiceAccount of this Pod' }
  }
  return fromHome(env)
}

function fromList(files: readonly string[]): FoundConfig {
  // A file of the list that is not there is skipped, as kubectl does.
  const contents = files.map(readKubeConfigFile).filter((content) => content !== undefined)
  if (contents.length === 0) {
    const what = files.length === 1 ? 'there is no such file' : 'none of these files exists'
    throw new KubeConfigError(`KUBECONFIG names ${files.join(', ')}: ${what}`)
  }
  return { content: mergeKubeConfigs(contents), source: files.join(', ') }
}

function fromHome(env: Environment): FoundConfig {
  const homes = [env.HOME ?? '', env.USERPROFILE ?? ''].filter((home) => home !== '')
  for (const home of homes) {
    const file = path.join(home, '.kube', 'config')
    const content = readKubeConfigFile(file)
    if (content !== undefined) return { content, source: file }
  }
  throw new KubeConfigError(
    'no cluster is configured: there is no --kubeconfig, no KUBECONFIG, no ~/.kube/config, and this does not run in a Pod',
  )
}

/** The same as a kubeconfig with the files that the kubelet mounts. */
function inCluster(host: string, env: Environment, directory: string): KubeConfigContent {
  const port = env.KUBERNETES_SERVICE_PORT ?? '443'
  const server = `https://${host.includes(':') ? `[${host}]` : host}:${port}`
  const file = path.join(directory, 'kubeconfig')
  const name = 'in-cluster'
  return {
    clusters: [{ name, file, body: { server, 'certificate-authority': path.join(directory, 'ca.crt') } }],
    users: [{ name, file, body: { tokenFile: path.join(directory, 'token') } }],
    contexts: [
      { name, file, body: { cluster: name, user: name, 'namespace-file': path.join(directory, 'namespace') } },
    ],
    currentContext: name,
  }
}
