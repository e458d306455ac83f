import { isObject, type Json, type JsonObject } from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { InjectionConfigurationError } from '../errors.ts'
import { SIDECAR_TEMPLATE } from '../names.ts'
import type { SourceText } from './types.ts'

/** The templates of a configuration by name; Istio 1.8 has one, under the key `template`. */
export function readTemplateTexts(config: JsonObject, source: SourceText, minor: number): ReadonlyMap<string, string> {
  if (!behaves(minor, 'podOverlay')) {
    const text = config.template
    if (typeof text === 'string') return new Map([[SIDECAR_TEMPLATE, text]])
    throw new InjectionConfigurationError({
      source: source.source,
      path: 'template',
      reason: 'there is no template',
      hint: 'configurations since Istio 1.9 have templates: choose that release with --compat',
    })
  }
  const templates = config.templates
  if (templates === undefined || templates === null) return new Map()
  if (!isObject(templates)) {
    throw new InjectionConfigurationError({
      source: source.source,
      path: 'templates',
      reason: 'is not a mapping of texts',
    })
  }
  return new Map(Object.entries(templates).map(([name, text]) => [name, templateText(name, text, source)]))
}

function templateText(name: string, text: Json, { source }: SourceText): string {
  if (typeof text === 'string') return text
  if (text === null) return ''
  throw new InjectionConfigurationError({ source, path: `templates.${name}`, reason: 'is not a text' })
}

/** Names that stand for several templates. */
export function readAliases(config: JsonObject, { source }: SourceText): ReadonlyMap<string, readonly string[]> {
  const aliases = config.aliases
  if (aliases === undefined || aliases === null) return new Map()
  if (!isObject(aliases)) {
    throw new InjectionConfigurationError({ source, path: 'aliases', reason: 'is not a mapping of lists' })
  }
  return new Map(
    Object.entries(aliases).map(([name, list]) => {
      if (Array.isArray(list) && list.every((item) => typeof item === 'string')) return [name, list]
      throw new InjectionConfigurationError({
        source,
        path: `aliases.${name}`,
        reason: 'is not a list of template names',
      })
    }),
  )
}

/** A mapping of texts; a number or boolean is an error, as in Istio. */
export function readStrings(config: JsonObject, key: string, { source }: SourceText): Readonly<Record<string, string>> {
  const value = config[key]
  if (value === undefined || value === null) return {}
  if (isObject(value) && Object.values(value).every((entry) => typeof entry === 'string')) {
    return value as Readonly<Record<string, string>>
  }
  throw new InjectionConfigurationError({ source, path: key, reason: 'is not a mapping of texts' })
}
