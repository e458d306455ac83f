import {
  getOwn,
  isArray,
  isList,
  isObject,
  type Json,
  type JsonObject,
  parseYamlDocuments,
  YamlError,
} from '@proa/kube'
import { CliError } from './cli-error.ts'
import type { Context } from './context.ts'
import { readTextFile } from './inputs/read-files.ts'

/** Which file a flag names, and which key of a ConfigMap holds the same. */
const configFlags = [
  { part: 'config', flag: '--injectConfigFile' },
  { part: 'values', flag: '--valuesFile' },
  { part: 'mesh', flag: '--meshConfigFile' },
] as const

export type ConfigPart = (typeof configFlags)[number]['part']

/** A configuration text and the name to call it by in messages. */
export interface ConfigText {
  readonly text: string
  readonly source: string
}

export type ConfigFiles = { readonly [part in ConfigPart]?: ConfigText }

/** The files that the user named; whatever is not named is built in. */
export type ConfigFileNames = { readonly [part in ConfigPart]?: string | undefined }

/**
 * Reads the configuration files. Each may be the plain file, or hold the ConfigMap with the key of the same meaning
 * (`config`, `values`, `mesh`) as `kubectl get configmap -o yaml` prints it, alone, in a `List` or among other
 * documents. The injector's ConfigMap given as `--injectConfigFile` brings its values along unless `--valuesFile` is given.
 *
 * @param revision chooses between several ConfigMaps in one file.
 * @throws CliError naming the file.
 */
export async function readConfigFiles(
  context: Context,
  names: ConfigFileNames,
  revision: string | undefined,
): Promise<ConfigFiles> {
  const found: { [part in ConfigPart]?: ConfigText } = {}
  for (const { part, flag } of configFlags) {
    const name = names[part]
    if (name === undefined) continue
    const { text } = await readTextFile(context, name)
    const maps = configMapsIn(text, name)
    if (maps === undefined) {
      found[part] = { text, source: name }
      continue
    }
    const map = chooseMap(maps, part, revision, name, flag)
    found[part] = { text: dataOf(map, part) ?? '', source: `${name} (key "${part}")` }
    const values = part === 'config' && names.values === undefined ? dataOf(map, 'values') : undefined
    if (values !== undefined) found.values = { text: values, source: `${name} (key "values")` }
  }
  return found
}

/** The ConfigMaps of a text; undefined when it is no Kubernetes manifest but a configuration itself. */
function configMapsIn(text: string, file: string): JsonObject[] | undefined {
  // A cheap look first: configurations are large and mostly template text.
  if (!/kind["']?\s*:\s*["']?(?:ConfigMap|List)\b/.test(text)) return undefined
  let values: Json[]
  try {
    values = parseYamlDocuments(text).map((document) => document.value)
  } catch (error) {
    if (!(error instanceof YamlError)) throw error
    const position = error.line > 0 ? { line: error.line, column: error.column } : {}
    throw new CliError(`this is not YAML: ${error.reason}`, { place: { file, ...position }, cause: error })
  }
  const objects = values.flatMap(objectsIn)
  const manifests = objects.filter((object) => typeof getOwn(object, 'kind') === 'string')
  if (manifests.length === 0) return undefined
  return manifests.filter((object) => getOwn(object, 'kind') === 'ConfigMap')
}

function objectsIn(value: Json): JsonObject[] {
  if (!isObject(value)) return []
  const items = isList(value) ? getOwn(value, 'items') : undefined
  return isArray(items) ? items.flatMap(objectsIn) : [value]
}

function chooseMap(
  maps: readonly JsonObject[],
  part: ConfigPart,
  revision: string | undefined,
  file: string,
  flag: string,
): JsonObject {
  const fitting = maps.filter((map) => dataOf(map, part) !== undefined)
  const base = part === 'mesh' ? 'istio' : 'istio-sidecar-injector'
  const wanted = revision === undefined || revision === '' || revision === 'default' ? base : `${base}-${revision}`
  const chosen = fitting.length === 1 ? fitting[0] : fitting.find((map) => nameOf(map) === wanted)
  if (chosen !== undefined) return chosen
  if (fitting.length === 0) {
    const names = maps.map((map) => `"${nameOf(map)}" with ${keysOf(map)}`).join(', ')
    throw new CliError(`no ConfigMap here has the key "${part}" that ${flag} needs`, {
      place: { file },
      hint: names === '' ? 'The file holds manifests, but no ConfigMap.' : `Found: ${names}.`,
    })
  }
  throw new CliError(`several ConfigMaps have the key "${part}": ${fitting.map(nameOf).join(', ')}`, {
    place: { file },
    hint: `Choose one with --revision ("${wanted}" is not among them), or give a file with one ConfigMap.`,
  })
}

function dataOf(map: JsonObject, key: string): string | undefined {
  const data = getOwn(map, 'data')
  const text = isObject(data) ? getOwn(data, key) : undefined
  return typeof text === 'string' ? text : undefined
}

function keysOf(map: JsonObject): string {
  const data = getOwn(map, 'data')
  const keys = isObject(data) ? Object.keys(data) : []
  return keys.length === 0 ? 'no keys' : `the keys ${keys.map((key) => `"${key}"`).join(', ')}`
}

function nameOf(map: JsonObject): string {
  const metadata = getOwn(map, 'metadata')
  const name = isObject(metadata) ? getOwn(metadata, 'name') : undefined
  return typeof name === 'string' ? name : 'without a name'
}
