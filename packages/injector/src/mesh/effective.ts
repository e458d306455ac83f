import { byCodePoint } from '@proa/go-template'
import { deepEqual, isObject, type Json, type MutableJsonObject } from '@proa/kube'
import { deepMerge } from './deep-merge.ts'
import { defaultProxyConfig } from './defaults.ts'
import type { IstioMinor } from './descriptor.ts'
import { MeshConfigError, withPrefix } from './error.ts'
import { mergeProxyConfig, objectOf, readYaml } from './merge.ts'
import { PROXY_CONFIG, PROXY_CONFIG_RESOURCE } from './names.ts'
import { type Message, readMessage } from './read.ts'

/** A custom resource ProxyConfig of the cluster. */
export interface ProxyConfigResource {
  readonly name: string
  readonly namespace: string
  /** RFC 3339; absent counts as oldest. */
  readonly creationTimestamp?: string | undefined
  readonly spec: Json
}

/** Who decided a field. */
export type ProxyConfigOrigin =
  | { readonly kind: 'default' }
  | { readonly kind: 'mesh-config' }
  | { readonly kind: 'annotation' }
  | {
      readonly kind: 'resource'
      readonly level: 'mesh' | 'namespace' | 'workload'
      readonly namespace: string
      readonly name: string
    }

export interface EffectiveProxyConfigInput {
  /** The MeshConfig, defaults included. */
  readonly mesh: Message
  /** The text of the pod's annotation `proxy.istio.io/config`, if there is one. */
  readonly annotation?: string | undefined
  readonly resources?: readonly ProxyConfigResource[]
  readonly labels?: Readonly<Record<string, string>>
  readonly namespace?: string
  /** Default: the mesh's own rootNamespace. */
  readonly rootNamespace?: string
  /** kube-inject sees no resources and lays the annotation straight over the mesh. Default: webhook. */
  readonly mode?: 'webhook' | 'kube-inject'
}

export interface EffectiveProxyConfig {
  readonly config: Message
  /** By json name, for each field of `config`. */
  readonly origins: ReadonlyMap<string, ProxyConfigOrigin>
  /** By key of proxyMetadata, which several origins can fill together. */
  readonly metadataOrigins: ReadonlyMap<string, ProxyConfigOrigin>
  /** The annotation cannot be read and counts for nothing. kube-inject, and before 1.13 the webhook too, fail then. */
  readonly annotationError?: MeshConfigError
  /** Resources whose spec cannot be read; they count for nothing. */
  readonly resourceErrors: readonly {
    readonly namespace: string
    readonly name: string
    readonly error: MeshConfigError
  }[]
}

interface Layer {
  readonly origin: ProxyConfigOrigin
  readonly config: Message
}

/** Custom resources count since 1.13. */
const FIRST_WITH_RESOURCES = 13

/**
 * The ProxyConfig of one pod: defaults ← mesh ← resource of the root namespace ← resource of the namespace ←
 * (annotation ← resource that selects the pod). Within a level the oldest resource wins and the others do not
 * count at all.
 */
export function effectiveProxyConfig(input: EffectiveProxyConfigInput, minor: IstioMinor): EffectiveProxyConfig {
  const meshLayer: Layer = { origin: { kind: 'mesh-config' }, config: objectOf(input.mesh.defaultConfig) }
  if (input.mode === 'kube-inject' || minor < FIRST_WITH_RESOURCES) return withAnnotationOnly(meshLayer, input, minor)
  const { resources, errors } = readResources(input.resources ?? [], minor)
  const annotation = readAnnotation(input.annotation, minor)
  const layers = [meshLayer, ...wideLayers(resources, input)]
  const own = [...annotation.layers, ...workloadLayer(resources, input)]
  const defaults: Layer = { origin: { kind: 'default' }, config: defaultProxyConfig(minor) }
  // The pod's own two layers are merged first, as Istio does: it matters where fields replace as a whole.
  const config = mergeAll([defaults, ...layers, ...(own.length === 0 ? [] : [fold(own, minor)])], minor)
  return {
    config,
    ...origins(config, [...layers, ...own], minor),
    ...(annotation.error === undefined ? {} : { annotationError: annotation.error }),
    resourceErrors: errors,
  }
}

function withAnnotationOnly(mesh: Layer, input: EffectiveProxyConfigInput, minor: IstioMinor): EffectiveProxyConfig {
  if (input.annotation === undefined) {
    return { config: mesh.config, ...origins(mesh.config, [mesh], minor), resourceErrors: [] }
  }
  try {
    const document = parse(input.annotation)
    const config = mergeProxyConfig(mesh.config, document, minor)
    const layer: Layer = { origin: { kind: 'annotation' }, config: readMessage(PROXY_CONFIG, document, { minor }) }
    return { config, ...origins(config, [mesh, layer], minor), resourceErrors: [] }
  } catch (error) {
    if (!(error instanceof MeshConfigError)) throw error
    return { config: mesh.config, ...origins(mesh.config, [mesh], minor), annotationError: error, resourceErrors: [] }
  }
}

function parse(annotation: string): Json {
  try {
    return readYaml(annotation)
  } catch (error) {
    throw error instanceof MeshConfigError ? withPrefix('could not parse proxy config: ', error) : error
  }
}

function readAnnotation(
  text: string | undefined,
  minor: IstioMinor,
): { readonly layers: readonly Layer[]; readonly error?: MeshConfigError } {
  if (text === undefined) return { layers: [] }
  try {
    const config = readMessage(PROXY_CONFIG, readYaml(text), { minor })
    return { layers: [{ origin: { kind: 'annotation' }, config }] }
  } catch (error) {
    if (error instanceof MeshConfigError) return { layers: [], error }
    throw error
  }
}

interface ReadResource {
  readonly name: string
  readonly namespace: string
  readonly created: number
  /** undefined: no selector at all. */
  readonly selector: Message | undefined
  readonly config: Message
}

function readResources(given: readonly ProxyConfigResource[], minor: IstioMinor) {
  const resources: ReadResource[] = []
  const errors: { namespace: string; name: string; error: MeshConfigError }[] = []
  for (const resource of given) {
    try {
      resources.push(readResource(resource, minor))
    } catch (error) {
      if (!(error instanceof MeshConfigError)) throw error
      errors.push({ namespace: resource.namespace, name: resource.name, error })
    }
  }
  resources.sort(
    (a, b) => a.created - b.created || byCodePoint(a.name, b.name) || byCodePoint(a.namespace, b.namespace),
  )
  return { resources, errors }
}

function readResource(resource: ProxyConfigResource, minor: IstioMinor): ReadResource {
  const spec = readMessage(PROXY_CONFIG_RESOURCE, resource.spec)
  const { selector, concurrency, environmentVariables, image } = spec
  const created = resource.creationTimestamp === undefined ? Number.NaN : Date.parse(resource.creationTimestamp)
  return {
    name: resource.name,
    namespace: resource.namespace,
    created: Number.isNaN(created) ? Number.NEGATIVE_INFINITY : created,
    selector: selector === undefined ? undefined : objectOf(selector),
    config: {
      ...(concurrency === undefined ? {} : { concurrency }),
      ...(environmentVariables === undefined ? {} : { proxyMetadata: environmentVariables }),
      // 1.13 forgot the image.
      ...(image === undefined || minor <= 13 ? {} : { image }),
    },
  }
}

function wideLayers(resources: readonly ReadResource[], input: EffectiveProxyConfigInput): readonly Layer[] {
  const root = input.rootNamespace ?? String(input.mesh.rootNamespace ?? '')
  const namespace = input.namespace ?? ''
  const unselective = (where: string) => resources.find((r) => r.namespace === where && r.selector === undefined)
  const global = root === '' ? undefined : unselective(root)
  const local = namespace === root ? undefined : unselective(namespace)
  return [
    ...(global === undefined ? [] : [resourceLayer(global, 'mesh')]),
    ...(local === undefined ? [] : [resourceLayer(local, 'namespace')]),
  ]
}

function workloadLayer(resources: readonly ReadResource[], input: EffectiveProxyConfigInput): readonly Layer[] {
  const labels = input.labels ?? {}
  const selected = resources.find((resource) => {
    const wanted = Object.entries(objectOf(resource.selector?.matchLabels))
    if (resource.namespace !== (input.namespace ?? '') || wanted.length === 0) return false
    return wanted.every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value)
  })
  return selected === undefined ? [] : [resourceLayer(selected, 'workload')]
}

function resourceLayer(resource: ReadResource, level: 'mesh' | 'namespace' | 'workload'): Layer {
  const { name, namespace, config } = resource
  return { origin: { kind: 'resource', level, namespace, name }, config }
}

function fold(layers: readonly Layer[], minor: IstioMinor): Layer {
  return { origin: { kind: 'default' }, config: mergeAll(layers, minor) }
}

function mergeAll(layers: readonly Layer[], minor: IstioMinor): Message {
  let merged: Message = {}
  for (const layer of layers) merged = mergeLayer(merged, layer.config, minor)
  return merged
}

/** 1.13 to 1.15 merged deeply; later releases replace top-level fields. */
function mergeLayer(base: Message, over: Message, minor: IstioMinor): Message {
  if (minor >= 16) return mergeProxyConfig(base, over, minor)
  const merged: MutableJsonObject = { ...deepMerge(PROXY_CONFIG, base, over) }
  if (over.concurrency !== undefined) merged.concurrency = over.concurrency
  if (over.image !== undefined && minor >= 14) merged.image = over.image
  return merged
}

function origins(config: Message, layers: readonly Layer[], minor: IstioMinor) {
  const defaults = defaultProxyConfig(minor)
  const fields = new Map<string, ProxyConfigOrigin>()
  const metadata = new Map<string, ProxyConfigOrigin>()
  const builtin: ProxyConfigOrigin = { kind: 'default' }
  for (const { origin, config: layer } of layers) {
    for (const [name, value] of Object.entries(layer)) {
      if (!Object.hasOwn(config, name)) continue
      // The mesh's config already contains the defaults; only what differs was decided there.
      const asBuiltIn = origin.kind === 'mesh-config' && deepEqual(value, defaults[name])
      fields.set(name, asBuiltIn ? builtin : origin)
    }
    if (!isObject(layer.proxyMetadata)) continue
    for (const key of Object.keys(layer.proxyMetadata)) metadata.set(key, origin)
  }
  for (const name of Object.keys(config)) if (!fields.has(name)) fields.set(name, builtin)
  for (const key of metadata.keys()) if (!Object.hasOwn(objectOf(config.proxyMetadata), key)) metadata.delete(key)
  return { origins: fields, metadataOrigins: metadata }
}
