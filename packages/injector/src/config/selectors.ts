import { isObject, type Json, type JsonObject, parseLabelSelector, SelectorError, selectorMatches } from '@proa/kube'
import type { ConfiguredSelector } from '../decision/types.ts'
import { type ConfigurationProblem, InjectionConfigurationError } from '../errors.ts'
import type { SourceText } from './types.ts'

/**
 * Reads a list of label selectors. One that Kubernetes would refuse is reported and skipped; an empty one matches
 * nothing here, unlike everywhere else in Kubernetes.
 *
 * @throws InjectionConfigurationError when it is no list
 */
export function readSelectors(
  config: JsonObject,
  key: 'neverInjectSelector' | 'alwaysInjectSelector',
  { source }: SourceText,
  problems: ConfigurationProblem[],
): readonly ConfiguredSelector[] {
  const value: Json | undefined = config[key]
  if (value === undefined || value === null) return []
  if (!Array.isArray(value)) {
    throw new InjectionConfigurationError({ source, path: key, reason: 'is not a list of label selectors' })
  }
  return value.map((item: Json, index): ConfiguredSelector => {
    const selector = readSelector(item, `config.${key}[${index}]`)
    if (selector.kind === 'invalid') {
      const reason = `the selector is skipped: ${selector.problem.message}`
      problems.push({ source, path: `${key}[${index}]`, reason, hint: 'see the syntax of Kubernetes’ label selectors' })
    }
    return selector
  })
}

function readSelector(source: Json, path: string): ConfiguredSelector {
  try {
    if (source !== null && !isObject(source)) throw new SelectorError('a label selector must be a mapping', [])
    const selector = parseLabelSelector(source)
    if (selector.requirements.length === 0) return { kind: 'empty', path, source }
    return { kind: 'selector', path, source, matches: (labels) => selectorMatches(selector, labels as JsonObject) }
  } catch (problem) {
    if (problem instanceof SelectorError) return { kind: 'invalid', path, source, problem }
    throw problem
  }
}
