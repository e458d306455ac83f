import type { PlainMap } from '@proa/go-template'
import { isObject, type Json, type JsonObject } from '@proa/kube'
import { builtinSources } from '../builtin/index.ts'
import { NATIVE_SIDECARS_VARIABLE, readNativeSidecars } from '../data/native-sidecars.ts'
import { type ConfigurationProblem, InjectionConfigurationError } from '../errors.ts'
import { applyMeshConfig, defaultMeshConfig, readInjectorValues, validateMeshConfig } from '../mesh/index.ts'
import { SIDECAR_TEMPLATE } from '../names.ts'
import { CURRENT_MINOR, resolveRelease } from '../release.ts'
import { didYouMean } from '../suggest.ts'
import { compileTemplates } from './compile.ts'
import { readSelectors } from './selectors.ts'
import { guarded, readObject } from './source.ts'
import { readAliases, readStrings, readTemplateTexts } from './template-config.ts'
import type { Configuration, ConfigurationOptions, ConfigurationSources, SourceText } from './types.ts'

const PLATFORM_OPENSHIFT = 'openshift'
/** Keys that Istio's injector reads in `config`. */
const CONFIG_KEYS = new Set([
  'policy',
  'defaultTemplates',
  'templates',
  'template',
  'aliases',
  'alwaysInjectSelector',
  'neverInjectSelector',
  'injectedAnnotations',
])

/**
 * Reads, checks and compiles a configuration. Without a `config` the built-in one is used, with its own values below
 * those that are given. With one there are no built-in values: templates and values belong together. Without a `mesh`
 * it is the default of the release.
 *
 * @throws InjectionConfigurationError naming source, path and line; then nothing of the configuration is used
 */
export function loadConfiguration(
  sources: ConfigurationSources = {},
  options: ConfigurationOptions = {},
): Configuration {
  const { config, values, isBuiltin } = readSources(sources)
  const problems: ConfigurationProblem[] = unknownKeys(config.object, config.source)
  const release = resolveRelease(options.compat ?? 'auto', isBuiltin ? undefined : tagOf(values.object))
  const minor = isBuiltin ? CURRENT_MINOR : release.minor
  const env = environmentOf(options)
  const texts = readTemplateTexts(config.object, config.source, minor)
  const { templates, render } = compileTemplates(texts, config.source, { minor, env })
  if (templates.size === 0) problems.push(noTemplates(config.object, config.source))
  if (!isBuiltin && sources.values === undefined) problems.push(...missingValues(texts))
  return {
    minor,
    decision: {
      release,
      policy: policyOf(config.object, config.source, problems),
      neverInjectSelector: readSelectors(config.object, 'neverInjectSelector', config.source, problems),
      alwaysInjectSelector: readSelectors(config.object, 'alwaysInjectSelector', config.source, problems),
    },
    revision: options.revision ?? '',
    defaultTemplates: defaultTemplates(config.object, config.source),
    aliases: readAliases(config.object, config.source),
    templates,
    injectedAnnotations: readStrings(config.object, 'injectedAnnotations', config.source),
    values: values.object as PlainMap,
    changesValues: [...texts.values()].some((text) => CHANGES_MAPS.test(text)),
    typedValues: guarded(values.source, () => readInjectorValues(values.object)),
    mesh: readMesh(sources.mesh, minor),
    render,
    env,
    nativeSidecars: options.nativeSidecars ?? readNativeSidecars(env(NATIVE_SIDECARS_VARIABLE), minor),
    nodes: options.nodes,
    proxyConfigs: options.proxyConfigs ?? [],
    openShift: env('PLATFORM') === PLATFORM_OPENSHIFT,
    problems,
  }
}

interface ReadSource {
  readonly source: SourceText
  readonly object: JsonObject
}

const EMPTY_VALUES: SourceText = { source: 'values', text: '{}' }

/** Without a config the built-in one is used, with its own values below those that are given. */
function readSources({ config, values = EMPTY_VALUES }: ConfigurationSources): {
  readonly config: ReadSource
  readonly values: ReadSource
  readonly isBuiltin: boolean
} {
  const given = readObject(values)
  if (config !== undefined) {
    return {
      config: { source: config, object: readObject(config) },
      values: { source: values, object: given },
      isBuiltin: false,
    }
  }
  const builtin = builtinSources()
  return {
    config: { source: builtin.config, object: readObject(builtin.config) },
    values: { source: values, object: layOver(readObject(builtin.values), given) },
    isBuiltin: true,
  }
}

function missingValues(texts: ReadonlyMap<string, string>): readonly ConfigurationProblem[] {
  if (![...texts.values()].some((text) => text.includes('.Values'))) return []
  return [
    {
      source: 'values',
      reason: 'none are given, but the templates read .Values',
      hint: 'give the values of the same installation, key values of the same ConfigMap',
    },
  ]
}

/** Values over those of the built-in template, as Helm lays a user's values over a chart's. */
function layOver(base: JsonObject, over: JsonObject): JsonObject {
  const entries = Object.entries(over).map(([key, value]): [string, Json] => {
    const below = Object.hasOwn(base, key) ? base[key] : undefined
    return [key, isObject(below) && isObject(value) ? layOver(below, value) : value]
  })
  return { ...base, ...Object.fromEntries(entries) }
}

/** sprig's functions that change a map that they are given; every Pod must find the values as they were. */
const CHANGES_MAPS = /\b(?:set|unset|(?:must)?[mM]erge(?:Overwrite)?)\b/

/** A choice made by option is also what templates of older releases read from the environment. */
function environmentOf({ env, nativeSidecars }: ConfigurationOptions): (name: string) => string | undefined {
  const read = env ?? (() => undefined)
  if (nativeSidecars === undefined || nativeSidecars === 'auto') return read
  return (name) => (name === NATIVE_SIDECARS_VARIABLE ? String(nativeSidecars) : read(name))
}

function tagOf(values: JsonObject): string | undefined {
  const global = values.global
  const tag = isObject(global) ? global.tag : undefined
  return typeof tag === 'string' || typeof tag === 'number' ? String(tag) : undefined
}

function policyOf(config: JsonObject, { source }: SourceText, problems: ConfigurationProblem[]): string {
  const policy = config.policy
  if (policy === 'enabled' || policy === 'disabled') return policy
  problems.push({
    source,
    path: 'policy',
    reason: `${policy === undefined ? 'there is no policy' : `policy ${JSON.stringify(policy)} is unknown`}: nothing is injected`,
    hint: 'use enabled or disabled',
    fatal: true,
  })
  // `on` and the like are booleans to YAML, and texts to Istio.
  return policy === undefined || policy === null || typeof policy === 'object' ? '' : String(policy)
}

function defaultTemplates(config: JsonObject, source: SourceText): readonly string[] {
  const value: Json | undefined = config.defaultTemplates
  if (value === undefined || value === null) return [SIDECAR_TEMPLATE]
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) {
    return value.length === 0 ? [SIDECAR_TEMPLATE] : value
  }
  throw new InjectionConfigurationError({
    source: source.source,
    path: 'defaultTemplates',
    reason: 'is not a list of names',
  })
}

function readMesh(source: SourceText | undefined, minor: number): JsonObject {
  const defaults = defaultMeshConfig(minor)
  if (source === undefined) return defaults
  const mesh = guarded(source, () => applyMeshConfig(defaults, readObject(source), minor))
  const reason = validateMeshConfig(mesh, minor)
  if (reason !== undefined) throw new InjectionConfigurationError({ source: source.source, reason })
  return mesh
}

function noTemplates(config: JsonObject, { source }: SourceText): ConfigurationProblem {
  const hint =
    typeof config.template === 'string'
      ? 'template is the key of Istio 1.8: choose that release with --compat 1.8'
      : 'give the key config of the ConfigMap istio-sidecar-injector'
  return { source, path: 'templates', reason: 'there are no templates: nothing can be injected', hint }
}

function unknownKeys(config: JsonObject, { source }: SourceText): ConfigurationProblem[] {
  return Object.keys(config)
    .filter((key) => !CONFIG_KEYS.has(key))
    .map((key) => {
      const hint = didYouMean(key, CONFIG_KEYS)
      return { source, path: key, reason: 'Istio’s injector has no such key', ...(hint === undefined ? {} : { hint }) }
    })
}
