import { type Configuration, loadConfiguration } from '@proa/injector'
import { getOwn, isList, type JsonObject, listItems } from '@proa/kube'
import { CliError } from '../cli-error.ts'
import { type ConfigOptions, configFileNames } from '../commands/options.ts'
import { readConfigFiles } from '../config-files.ts'
import type { Context } from '../context.ts'
import { inputObjects } from '../inputs/objects.ts'
import { readDocuments } from '../inputs/read-documents.ts'
import { readTextFile } from '../inputs/read-files.ts'
import { reportError, warn } from '../output/report.ts'
import { loadable } from './loadable.ts'

/**
 * The configuration that the flags ask for, loaded once for all workloads of a command.
 * @throws CliError when a file cannot be read, or Istio's injector could not work with it.
 */
export async function loadSession(context: Context, options: ConfigOptions): Promise<Configuration> {
  const sources = await readConfigFiles(context, configFileNames(options), options.revision)
  const nodes = await readNodes(context, options.nodes)
  const configuration = loadable(() =>
    loadConfiguration(sources, {
      compat: options.compat,
      env: (name) => (Object.hasOwn(context.env, name) ? context.env[name] : undefined),
      ...(options.revision === undefined ? {} : { revision: options.revision }),
      ...(options.nativeSidecars === undefined ? {} : { nativeSidecars: nativeSidecars(options.nativeSidecars) }),
      ...(nodes === undefined ? {} : { nodes }),
    }),
  )
  for (const { source, path, line, reason, hint, fatal } of configuration.problems) {
    const place = { file: source, ...(line === undefined ? {} : { line }), ...(path === undefined ? {} : { path }) }
    if (fatal === true) reportError(context, new CliError(reason, { place, hint }))
    else warn(context, place, hint === undefined ? reason : `${reason}\n  ${hint}`)
  }
  return configuration
}

/** Instead of a file: ask the cluster of KUBECONFIG. A file of this name is `./cluster`. */
const ASK_CLUSTER = 'cluster'

async function readNodes(context: Context, from: string | undefined): Promise<readonly JsonObject[] | undefined> {
  if (from === undefined) return undefined
  if (from !== ASK_CLUSTER) return readKind(context, from, 'Node')
  // Loaded only here: without it these commands know nothing of clusters.
  const { withCluster } = await import('../installation/connect.ts')
  return withCluster(context, {}, async (client) => (await client.list({ apiVersion: 'v1', kind: 'Node' })).items)
}

function nativeSidecars(flag: 'true' | 'false' | 'auto'): boolean | 'auto' {
  return flag === 'auto' ? flag : flag === 'true'
}

/**
 * The objects of one kind in a file, as `kubectl get … -o yaml` prints them.
 * @throws CliError when the file holds something, but none of the kind and no empty `List`: most likely the wrong file.
 */
export async function readKind(context: Context, name: string, kind: string): Promise<JsonObject[]> {
  const file = await readTextFile(context, name)
  const input = readDocuments(file)
  const found = inputObjects([input])
    .map(({ value }) => value)
    .filter((object) => getOwn(object, 'kind') === kind)
  const none = input.documents.every(({ value }) => value === null || (isList(value) && listItems(value).length === 0))
  if (found.length === 0 && !none) {
    throw new CliError(`the file holds no object of kind ${kind}`, { place: { file: name } })
  }
  return found
}
