import { byCodePoint } from '@proa/go-template'
import {
  getOwn,
  isArray,
  isObject,
  type Json,
  type JsonPath,
  type MutableJsonObject,
  parseYaml,
  YamlError,
} from '@proa/kube'
import { defaultProxyConfig } from './defaults.ts'
import { type IstioMinor, LAST_GOGO_MINOR } from './descriptor.ts'
import { MeshConfigError, withPrefix } from './error.ts'
import { MESH_CONFIG, PROXY_CONFIG } from './names.ts'
import { applyToMessage, type Message } from './read.ts'

/** The sub-fields of proxyHeaders that survive when a later document sets other ones (since 1.19). */
const KEPT_HEADERS = ['forwardedClientCert', 'requestId', 'attemptCount', 'server', 'envoyDebugHeaders']

/**
 * Lays a ProxyConfig document (not text) over another: each top-level field replaces the whole field, but
 * proxyMetadata merges key by key (since 1.10) and proxyHeaders keeps some sub-fields (since 1.19).
 *
 * @throws MeshConfigError `could not parse proxy config: …`
 */
export function mergeProxyConfig(base: Message, over: Json, minor: IstioMinor, path: JsonPath = []): Message {
  const applied = rethrow('could not parse proxy config: ', () =>
    applyToMessage(PROXY_CONFIG, base, over, { minor, path }),
  )
  const result: MutableJsonObject = { ...applied }
  const metadata = minor >= 10 ? { ...objectOf(base.proxyMetadata), ...objectOf(applied.proxyMetadata) } : {}
  if (Object.keys(metadata).length > 0) result.proxyMetadata = metadata
  if (minor >= 19 && isObject(applied.proxyHeaders)) {
    result.proxyHeaders = keepHeaders(objectOf(base.proxyHeaders), applied.proxyHeaders)
  }
  return result
}

function keepHeaders(base: Message, over: Message): Message {
  const result: MutableJsonObject = { ...over }
  for (const name of KEPT_HEADERS) {
    const kept = getOwn(base, name)
    if (kept !== undefined && !Object.hasOwn(over, name)) result[name] = kept
  }
  return result
}

/**
 * Lays the text of an annotation `proxy.istio.io/config` over the default config of a mesh; the result is
 * the MeshConfig that kube-inject (and every injector before 1.13) goes on with.
 *
 * @throws MeshConfigError `could not parse proxy config: …`
 */
export function applyProxyConfigAnnotation(mesh: Message, annotation: string, minor: IstioMinor): Message {
  const document = rethrow('could not parse proxy config: ', () => readYaml(annotation))
  return { ...mesh, defaultConfig: mergeProxyConfig(objectOf(mesh.defaultConfig), document, minor) }
}

/**
 * Lays a mesh file (YAML text, or its document) over a MeshConfig, usually {@link defaultMeshConfig}: top
 * fields replace, defaultConfig merges as a ProxyConfig, defaultProviders by field and extensionProviders by
 * name (both since 1.11), trustDomainAliases are united and sorted (since 1.12). Does not validate.
 *
 * @throws MeshConfigError
 */
export function applyMeshConfig(base: Message, file: string | Json, minor: IstioMinor): Message {
  const document = typeof file === 'string' ? readYaml(file) : file
  // A list or a scalar at the top fails here, with jsonpb's text.
  const read = rethrow('failed to convert to proto. ', () =>
    applyToMessage(MESH_CONFIG, { ...base, defaultConfig: defaultProxyConfig(minor) }, document, { minor }),
  )
  const raw = objectOf(document)
  const result: MutableJsonObject = { ...read }
  restore(result, 'defaultConfig', base)
  // Only the json name counts: `default_config` is read above for its errors and then forgotten, as in Istio.
  const proxyConfig = getOwn(raw, 'defaultConfig') ?? null
  if (proxyConfig !== null) {
    result.defaultConfig = mergeProxyConfig(objectOf(base.defaultConfig), proxyConfig, minor, ['defaultConfig'])
  }
  if (minor >= 11) mergeProviders(result, base, read, raw, minor)
  if (minor >= 12) mergeAliases(result, base, minor)
  return result
}

function mergeProviders(
  result: MutableJsonObject,
  base: Message,
  read: Message,
  raw: Message,
  minor: IstioMinor,
): void {
  restore(result, 'defaultProviders', base)
  const providers = getOwn(raw, 'defaultProviders') ?? null
  if (providers !== null) {
    result.defaultProviders = rethrow('could not parse default providers: ', () =>
      applyToMessage(`${MESH_CONFIG}.DefaultProviders`, objectOf(base.defaultProviders), providers, {
        minor,
        path: ['defaultProviders'],
      }),
    )
  }
  const merged = [...listOf(base.extensionProviders)]
  if (read.extensionProviders === base.extensionProviders) return
  for (const provider of listOf(read.extensionProviders)) {
    const name = objectOf(provider).name
    const at = merged.findIndex((known) => objectOf(known).name === name)
    if (at >= 0) merged[at] = provider
    else merged.push(provider)
  }
  if (merged.length > 0) result.extensionProviders = merged
  else delete result.extensionProviders
}

function mergeAliases(result: MutableJsonObject, base: Message, minor: IstioMinor): void {
  const aliases = new Set([...listOf(base.trustDomainAliases), ...listOf(result.trustDomainAliases)].map(String))
  if (aliases.size > 0 || minor <= LAST_GOGO_MINOR) result.trustDomainAliases = [...aliases].sort(byCodePoint)
}

function restore(result: MutableJsonObject, name: string, base: Message): void {
  const value = getOwn(base, name)
  if (value === undefined) delete result[name]
  else result[name] = value
}

/** `{}` for anything that is not an object. */
export function objectOf(value: Json | undefined): Message {
  return isObject(value) ? value : {}
}

function listOf(value: Json | undefined): readonly Json[] {
  return isArray(value) ? value : []
}

/** YAML as Istio reads it; @throws MeshConfigError. */
export function readYaml(text: string): Json {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof YamlError) throw new MeshConfigError(error.message, '', error)
    throw error
  }
}

function rethrow<T>(prefix: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw error instanceof MeshConfigError ? withPrefix(prefix, error) : error
  }
}
