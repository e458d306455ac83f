/** Labels and annotations that ask for injection, by the places where they mean something. */

/** Label (or annotation) of a Pod. */
export const INJECT = 'sidecar.istio.io/inject'
/** Label of a Pod or of a namespace: the control plane, or a tag of one. */
export const REVISION = 'istio.io/rev'
/** Label of a namespace. */
export const INJECTION = 'istio-injection'
/** Label of a namespace or a Pod: `ambient`, or `none`. */
export const DATAPLANE_MODE = 'istio.io/dataplane-mode'

/** What people write where they mean yes; compared in lower case. */
const YES: ReadonlySet<string> = new Set([
  'enabled',
  'enable',
  'true',
  'yes',
  'y',
  'on',
  '1',
  't',
  'inject',
  'injected',
])
/** … and where they mean no. */
const NO: ReadonlySet<string> = new Set(['disabled', 'disable', 'false', 'no', 'n', 'off', '0', 'f', 'none', 'never'])

/** What a value is meant to say, whether or not anybody understands it; undefined where nobody can tell. */
export function meantBy(value: string): boolean | undefined {
  const word = value.trim().toLowerCase()
  if (YES.has(word)) return true
  if (NO.has(word)) return false
  if (/^ena[a-z]*d?$/.test(word)) return true
  return /^disa[a-z]*d?$/.test(word) || word === 'flase' ? false : word === 'ture' || word === 'treu' ? true : undefined
}
