import { readFileSync } from 'node:fs'
import path from 'node:path'
import { getOwn, isArray, isObject, type Json, type JsonObject, parseYaml, YamlError } from '@proa/kube'
import { KubeConfigError } from '../errors.ts'

/** An entry of `clusters`, `users` or `contexts`: its body, and the file that it stands in. */
export interface NamedEntry {
  readonly name: string
  readonly body: JsonObject
  readonly file: string
}

/** One or several kubeconfig files as one. */
export interface KubeConfigContent {
  readonly clusters: readonly NamedEntry[]
  readonly users: readonly NamedEntry[]
  readonly contexts: readonly NamedEntry[]
  readonly currentContext: string | undefined
}

/**
 * Reads one kubeconfig file; file names in it are made absolute, as they count from the file's own folder.
 *
 * @returns undefined when there is no such file
 * @throws KubeConfigError
 */
export function readKubeConfigFile(file: string): KubeConfigContent | undefined {
  const text = readText(file)
  return text === undefined ? undefined : parseKubeConfig(text, file)
}

function readText(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code
    if (code === 'ENOENT') return undefined
    const reason = code === 'EISDIR' ? 'is a folder' : code === 'EACCES' ? 'you may not read it' : String(code)
    throw new KubeConfigError(`kubeconfig ${file}: ${reason}`, { cause })
  }
}

/** @throws KubeConfigError */
export function parseKubeConfig(text: string, file: string): KubeConfigContent {
  const root = parse(text, file)
  if (root === null) return { clusters: [], users: [], contexts: [], currentContext: undefined }
  if (!isObject(root)) throw new KubeConfigError(`kubeconfig ${file}: this is not a kubeconfig but ${describe(root)}`)
  const version = getOwn(root, 'apiVersion')
  if (version !== undefined && version !== 'v1') {
    throw new KubeConfigError(`kubeconfig ${file}: apiVersion is ${JSON.stringify(version)}, not v1`)
  }
  const current = getOwn(root, 'current-context')
  return {
    clusters: entries(root, 'clusters', 'cluster', file),
    users: entries(root, 'users', 'user', file),
    contexts: entries(root, 'contexts', 'context', file),
    currentContext: typeof current === 'string' && current !== '' ? current : undefined,
  }
}

function parse(text: string, file: string): Json {
  try {
    return parseYaml(text)
  } catch (cause) {
    if (!(cause instanceof YamlError)) throw cause
    const line = cause.line > 0 ? `, line ${cause.line}` : ''
    throw new KubeConfigError(`kubeconfig ${file}${line}: not YAML: ${cause.reason}`, { cause })
  }
}

function describe(value: Json): string {
  return isArray(value) ? 'a list' : `a ${typeof value}`
}

function entries(root: JsonObject, list: string, body: string, file: string): readonly NamedEntry[] {
  const items = getOwn(root, list)
  if (items === undefined || items === null) return []
  if (!isArray(items)) throw new KubeConfigError(`kubeconfig ${file}: ${list} is not a list`)
  return items.map((item, index) => {
    const name = isObject(item) ? getOwn(item, 'name') : undefined
    if (!isObject(item) || typeof name !== 'string' || name === '') {
      throw new KubeConfigError(`kubeconfig ${file}: ${list}[${index}] has no name`)
    }
    const content = getOwn(item, body)
    return { name, body: isObject(content) ? content : {}, file }
  })
}

/** As kubectl merges: what stands first wins. */
export function mergeKubeConfigs(contents: readonly KubeConfigContent[]): KubeConfigContent {
  return {
    clusters: firstOfEachName(contents.flatMap((content) => content.clusters)),
    users: firstOfEachName(contents.flatMap((content) => content.users)),
    contexts: firstOfEachName(contents.flatMap((content) => content.contexts)),
    currentContext: contents.find((content) => content.currentContext !== undefined)?.currentContext,
  }
}

function firstOfEachName(all: readonly NamedEntry[]): readonly NamedEntry[] {
  const seen = new Set<string>()
  return all.filter(({ name }) => !seen.has(name) && seen.add(name))
}

/** A text field of an entry; an empty one is as good as none. */
export function textOf(entry: NamedEntry, key: string): string | undefined {
  const value = getOwn(entry.body, key)
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** A file name of an entry, counted from the folder of the kubeconfig file. */
export function fileOf(entry: NamedEntry, key: string): string | undefined {
  const value = textOf(entry, key)
  return value === undefined ? undefined : path.resolve(path.dirname(entry.file), value)
}
