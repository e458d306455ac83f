import { compileTemplate, type FunctionMap, type PlainMap, TemplateError } from '@proa/go-template'
import { isObject, type Json, type JsonObject, parseYaml, parseYamlWithLines, YamlError } from '@proa/kube'
import { builtinSources } from '../builtin/index.ts'
import { NATIVE_SIDECARS_VARIABLE, readNativeSidecars } from '../data/native-sidecars.ts'
import { type ConfigurationProblem, InjectionConfigurationError } from '../errors.ts'
import { injectionFunctions } from '../functions/index.ts'
import {
  applyMeshConfig,
  defaultMeshConfig,
  MeshConfigError,
  readInjectorValues,
  validateMeshConfig,
} from '../mesh/index.ts'
import { SIDECAR_TEMPLATE } from '../names.ts'
import { CURRENT_MINOR, resolveRelease } from '../release.ts'
import { newRenderContext, type RenderContext } from '../render/context.ts'
import { didYouMean } from '../suggest.ts'
import { readSelectors } from './selectors.ts'
import { readAliases, readStrings, readTemplateTexts } from './template-config.ts'
import type {
  CompiledTemplate,
  Configuration,
  ConfigurationOptions,
  ConfigurationSources,
  SourceText,
} from './types.ts'

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
 * Reads, checks and compiles a configuration. What a source leaves out comes from the built-in configuration, which is
 * used as a whole when there is no source at all.
 *
 * @throws InjectionConfigurationError naming source, path and line; then nothing of the configuration is used
 */
export function loadConfiguration(
  sources: ConfigurationSources = {},
  options: ConfigurationOptions = {},
): Configuration {
  const builtin = builtinSources()
  const isBuiltin = sources.config === undefined
  const configSource = sources.config ?? builtin.config
  const valuesSource = sources.values ?? EMPTY_VALUES
  const given = readObject(valuesSource)
  const values = isBuiltin ? layOver(readObject(builtin.values), given) : given
  const release = resolveRelease(options.compat ?? 'auto', isBuiltin ? undefined : tagOf(values))
  const minor = isBuiltin ? CURRENT_MINOR : release.minor
  const config = readObject(configSource)
  const problems: ConfigurationProblem[] = unknownKeys(config, configSource)
  const env = environmentOf(options)
  const render = newRenderContext()
  const functions: FunctionMap = injectionFunctions({
    minor,
    env,
    onStructure: render.noteStructure,
    renderText: (text) => renderAgain(text, functions, render),
  })
  const templates = compile(readTemplateTexts(config, configSource, minor), configSource, functions)
  if (templates.size === 0) problems.push(noTemplates(config, configSource))
  if (
    !isBuiltin &&
    sources.values === undefined &&
    [...templates.values()].some(({ text }) => text.includes('.Values'))
  ) {
    problems.push({
      source: 'values',
      reason: 'none are given, but the templates read .Values',
      hint: 'give the values of the same installation, key values of the same ConfigMap',
    })
  }
  return {
    minor,
    decision: {
      release,
      policy: policyOf(config, configSource, problems),
      neverInjectSelector: readSelectors(config, 'neverInjectSelector', configSource, problems),
      alwaysInjectSelector: readSelectors(config, 'alwaysInjectSelector', configSource, problems),
    },
    revision: options.revision ?? '',
    defaultTemplates: defaultTemplates(config, configSource),
    aliases: readAliases(config, configSource),
    templates,
    injectedAnnotations: readStrings(config, 'injectedAnnotations', configSource),
    values: values as PlainMap,
    changesValues: [...templates.values()].some(({ text }) => CHANGES_MAPS.test(text)),
    typedValues: guarded(valuesSource, () => readInjectorValues(values)),
    mesh: readMesh(sources.mesh, minor),
    functions,
    render,
    env,
    nativeSidecars: options.nativeSidecars ?? readNativeSidecars(env(NATIVE_SIDECARS_VARIABLE), minor),
    nodes: options.nodes,
    proxyConfigs: options.proxyConfigs ?? [],
    openShift: env('PLATFORM') === PLATFORM_OPENSHIFT,
    problems,
  }
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

/** What Istio's template function `render` did: a text that does not parse or fails is empty. */
function renderAgain(text: string, functions: FunctionMap, render: RenderContext): string {
  try {
    return render.nested(() => compileTemplate('inject', text, { functions }).execute(render.data)) ?? ''
  } catch (error) {
    if (error instanceof TemplateError && error.phase !== 'limit') return ''
    throw error
  }
}

const EMPTY_VALUES: SourceText = { source: 'values', text: '{}' }

/** A choice made by option is also what templates of older releases read from the environment. */
function environmentOf({ env, nativeSidecars }: ConfigurationOptions): (name: string) => string | undefined {
  const read = env ?? (() => undefined)
  if (nativeSidecars === undefined || nativeSidecars === 'auto') return read
  return (name) => (name === NATIVE_SIDECARS_VARIABLE ? String(nativeSidecars) : read(name))
}

function readObject(source: SourceText): JsonObject {
  const parsed = guarded(source, () => parseYaml(source.text))
  if (parsed === null) return {}
  if (!isObject(parsed)) throw new InjectionConfigurationError({ source: source.source, reason: 'is not an object' })
  return parsed
}

/** Turns the errors of the readers below into one that names the source. */
function guarded<T>(source: SourceText, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof YamlError) {
      const problem = { source: source.source, line: cause.line, reason: `not YAML: ${cause.reason}` }
      throw new InjectionConfigurationError(problem, { cause })
    }
    if (cause instanceof MeshConfigError) {
      const path = cause.path === '' ? {} : { path: cause.path }
      throw new InjectionConfigurationError({ source: source.source, reason: cause.message, ...path }, { cause })
    }
    throw cause
  }
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

function compile(
  texts: ReadonlyMap<string, string>,
  source: SourceText,
  functions: Configuration['functions'],
): ReadonlyMap<string, CompiledTemplate> {
  const compiled = new Map<string, CompiledTemplate>()
  for (const [name, text] of texts) {
    try {
      compiled.set(name, { name, text, template: compileTemplate('inject', text, { functions }) })
    } catch (cause) {
      if (!(cause instanceof TemplateError)) throw cause
      throw new InjectionConfigurationError(
        {
          source: source.source,
          path: `templates.${name}`,
          ...lineInSource(source, name, cause.line),
          reason: cause.message,
          hint: 'the message counts lines inside the template; nothing is injected until it is corrected',
        },
        { cause },
      )
    }
  }
  return compiled
}

/** Where a line of a template stands in the file that holds it: of a quoted text only the beginning can be told. */
function lineInSource({ text }: SourceText, name: string, line: number): { readonly line?: number } {
  const located = parseYamlWithLines(text)
  const path = located.lineOf(['templates', name]) === undefined ? ['template'] : ['templates', name]
  const [first, offset] = [located.lineOf(path), located.offsetOf(path)]
  if (first === undefined || offset === undefined) return {}
  return { line: /["']/.test(text.charAt(offset - 1)) ? first : first + line - 1 }
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
      ? 'template is the key of Istio 1.8: choose that release with compat'
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
