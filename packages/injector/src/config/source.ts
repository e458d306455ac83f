import { isObject, type JsonObject, parseYaml, YamlError } from '@proa/kube'
import { InjectionConfigurationError } from '../errors.ts'
import { MeshConfigError } from '../mesh/index.ts'
import type { SourceText } from './types.ts'

/**
 * The object that a source holds; an empty text is an empty object.
 *
 * @throws InjectionConfigurationError
 */
export function readObject(source: SourceText): JsonObject {
  const parsed = guarded(source, () => parseYaml(source.text))
  if (parsed === null) return {}
  if (!isObject(parsed)) throw new InjectionConfigurationError({ source: source.source, reason: 'is not an object' })
  return parsed
}

/** Turns the errors of a reader into one that names the source. */
export function guarded<T>(source: SourceText, read: () => T): T {
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
