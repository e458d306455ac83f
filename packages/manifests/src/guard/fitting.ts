import { getOwn, isArray, isObject, type Json, parseYaml, YamlError } from '@proa/kube'

/**
 * Why a guard does not go together with a configuration; undefined when it does. The guard knows labels only: where the
 * configuration itself leaves Pods out, it would refuse what is as it should be.
 *
 * @param config text of the key `config`
 */
export function guardObstacle(config: string): string | undefined {
  const root = read(config)
  if (!isObject(root)) return undefined
  const policy = getOwn(root, 'policy')
  if (typeof policy === 'string' && policy !== 'enabled') {
    return `the policy of the configuration is "${policy}": Pods without a label of their own are not injected`
  }
  const selectors = getOwn(root, 'neverInjectSelector')
  if (isArray(selectors) && selectors.length > 0) {
    return 'the configuration has a neverInjectSelector: Pods that it matches are not injected'
  }
  return undefined
}

/** What is no YAML is reported by whoever loads it. */
function read(text: string): Json {
  try {
    return parseYaml(text)
  } catch (error) {
    if (error instanceof YamlError) return null
    throw error
  }
}
