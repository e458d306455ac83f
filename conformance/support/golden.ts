/** Istio's golden cases through the library. */
import {
  type Configuration,
  type InjectionWarning,
  injectWorkload,
  loadConfiguration,
} from '../../packages/injector/src/index.ts'
import {
  isList,
  isObject,
  type Json,
  type JsonObject,
  listItems,
  parseYaml,
  parseYamlDocuments,
} from '../../packages/kube/src/index.ts'
import type { GoldenCase, Vectors } from './vectors.ts'

export interface GoldenOptions {
  readonly compat: string
  readonly revision: string
}

/** The configuration of a case: its files, and its changes to the mesh. */
export function goldenConfiguration(vectors: Vectors, golden: GoldenCase, options: GoldenOptions): Configuration {
  const { nativeSidecars, platform } = golden.features
  const variables = new Map(Object.entries(golden.env))
  if (platform !== undefined) variables.set('PLATFORM', platform)
  return loadConfiguration(
    {
      config: { source: golden.template, text: vectors.text(golden.template) },
      values: { source: golden.values, text: vectors.text(golden.values) },
      mesh: { source: golden.mesh, text: JSON.stringify(meshOf(vectors, golden)) },
    },
    { ...options, nativeSidecars: nativeSidecars ?? false, env: (name) => variables.get(name) },
  )
}

/** The MeshConfig file of a case with its changes. */
export function meshOf(vectors: Vectors, { mesh, meshSet }: GoldenCase): JsonObject {
  const parsed = parseYaml(vectors.text(mesh))
  return meshSet.reduce((result, { path, value }) => setAt(result, path, value), isObject(parsed) ? parsed : {})
}

function setAt(object: JsonObject, [step, ...rest]: readonly string[], value: Json): JsonObject {
  if (step === undefined) return object
  const below = object[step]
  return { ...object, [step]: rest.length === 0 ? value : setAt(isObject(below) ? below : {}, rest, value) }
}

export interface Manual {
  readonly objects: readonly Json[]
  readonly notices: readonly string[]
  readonly warnings: readonly InjectionWarning[]
}

/**
 * What kube-inject makes of a manifest, document by document.
 *
 * @throws InjectionError of the first workload that fails
 */
export function injectManifest(manifest: string, configuration: Configuration): Manual {
  const notices: string[] = []
  const warnings: InjectionWarning[] = []
  const inject = (object: Json): Json => {
    if (isList(object)) return { ...object, items: listItems(object).map(inject) }
    if (!isObject(object)) return object
    const result = injectWorkload(object, configuration, { mode: 'manual' })
    if (result.kind === 'failed') throw result.error
    if (result.kind === 'not-a-workload') return object
    warnings.push(...result.warnings)
    if (result.kind === 'injected') return result.object
    notices.push(result.notice)
    return object
  }
  return { objects: documentsOf(manifest).map(inject), notices, warnings }
}

/** The documents of a manifest that are not empty. */
export function documentsOf(manifest: string): Json[] {
  return parseYamlDocuments(manifest)
    .map(({ value }) => value)
    .filter((value) => value !== null)
}
