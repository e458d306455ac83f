import { behaves } from '../behaviour.ts'

/** The rules of the decision that differ between releases of Istio. */

export type InjectValue = 'true' | 'false' | 'refused' | 'invalid'

const AFFIRMATIVE: ReadonlySet<string> = new Set(['y', 'yes', 'true', 'on'])
const NEGATIVE: ReadonlySet<string> = new Set(['n', 'no', 'false', 'off'])

/**
 * Reads the value of `sidecar.istio.io/inject`.
 *
 * Since 1.27 only `true` and `false` mean something. Before, `y`, `yes`, `true` and `on` in any letter
 * case inject, empty leaves the question open and everything else refuses.
 */
export function readInjectValue(text: string, minor: number): InjectValue {
  if (behaves(minor, 'onlyTrueAndFalse')) return text === 'true' || text === 'false' ? text : 'invalid'
  if (text === '') return 'invalid'
  const lower = text.toLowerCase()
  if (AFFIRMATIVE.has(lower)) return 'true'
  return NEGATIVE.has(lower) ? 'false' : 'refused'
}

const SYSTEM_NAMESPACES: ReadonlySet<string> = new Set([
  'kube-system',
  'kube-public',
  'kube-node-lease',
  'local-path-storage',
])
const SYSTEM_NAMESPACES_BEFORE_1_13: ReadonlySet<string> = new Set(['kube-system', 'kube-public'])

/** The namespaces in which nothing is ever injected. */
export function ignoredNamespaces(minor: number): ReadonlySet<string> {
  return behaves(minor, 'ignoresFourNamespaces') ? SYSTEM_NAMESPACES : SYSTEM_NAMESPACES_BEFORE_1_13
}
