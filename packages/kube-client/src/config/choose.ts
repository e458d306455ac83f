import { readFileSync } from 'node:fs'
import { KubeConfigError } from '../errors.ts'
import type { FoundConfig } from './find.ts'
import { fileOf, type NamedEntry, textOf } from './kubeconfig-file.ts'
import { nearestName } from './nearest-name.ts'

/** A context with what it names. */
export interface ChosenContext {
  readonly name: string
  readonly namespace: string
  readonly cluster: NamedEntry
  /** Without a user a request is anonymous. */
  readonly user: NamedEntry | undefined
  /** `https://10.0.0.1:6443`, without a slash at its end. */
  readonly server: string
}

/** @throws KubeConfigError naming the known contexts when the wanted one is not among them */
export function chooseContext({ content, source }: FoundConfig, wanted: string | undefined): ChosenContext {
  const name = wanted ?? content.currentContext
  if (name === undefined) {
    throw new KubeConfigError(
      `kubeconfig ${source}: there is no current-context; choose one with --context${listed(content.contexts)}`,
    )
  }
  const context = named(content.contexts, name, 'context', source)
  const cluster = named(content.clusters, required(context, 'cluster'), 'cluster', source)
  const user = textOf(context, 'user')
  return {
    name,
    namespace: textOf(context, 'namespace') ?? namespaceFile(context) ?? 'default',
    cluster,
    user: user === undefined ? undefined : named(content.users, user, 'user', source),
    server: serverOf(cluster),
  }
}

function named(entries: readonly NamedEntry[], name: string, what: string, source: string): NamedEntry {
  const entry = entries.find((one) => one.name === name)
  if (entry !== undefined) return entry
  const near = nearestName(
    name,
    entries.map((one) => one.name),
  )
  const hint = near === undefined ? listed(entries) : `; did you mean "${near}"?`
  throw new KubeConfigError(`kubeconfig ${source}: there is no ${what} "${name}"${hint}`)
}

function listed(entries: readonly NamedEntry[]): string {
  return entries.length === 0 ? ' (there are none)' : ` (there are: ${entries.map((entry) => entry.name).join(', ')})`
}

function required(context: NamedEntry, key: string): string {
  const value = textOf(context, key)
  if (value !== undefined) return value
  throw new KubeConfigError(`kubeconfig ${context.file}: context "${context.name}" names no ${key}`)
}

function serverOf(cluster: NamedEntry): string {
  const server = textOf(cluster, 'server')
  if (server === undefined)
    throw new KubeConfigError(`kubeconfig ${cluster.file}: cluster "${cluster.name}" has no server`)
  // kubectl takes an address without a scheme as well.
  const url = server.includes('://') ? server : `https://${server}`
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new KubeConfigError(
      `kubeconfig ${cluster.file}: cluster "${cluster.name}": server "${server}" is no address; write https://host:port`,
    )
  }
  return url.replace(/\/+$/, '')
}

function namespaceFile(context: NamedEntry): string | undefined {
  const file = fileOf(context, 'namespace-file')
  if (file === undefined) return undefined
  try {
    return readFileSync(file, 'utf8').trim() || undefined
  } catch {
    // Not every Pod has it; it only fills a default.
    return undefined
  }
}
