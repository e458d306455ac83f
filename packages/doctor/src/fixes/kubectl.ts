import type { ObjectName } from '../finding.ts'
import { KINDS, kindOf } from '../snapshot/kinds.ts'

/** The text as one word of a POSIX shell. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** `kubectl -n shop`, or `kubectl` for what is in no namespace. */
export function kubectl({ namespace }: Pick<ObjectName, 'namespace'>): string {
  return namespace === undefined ? 'kubectl' : `kubectl -n ${shellWord(namespace)}`
}

/** Groups whose kinds no other group has, so that kubectl needs no more than the kind. */
const UNIQUE_GROUPS: ReadonlySet<string> = new Set(['', 'apps', 'batch', 'admissionregistration.k8s.io'])

/** The kind as kubectl takes it: `deployment`, `rollout.argoproj.io`. */
export function resourceOf({ apiVersion = '', kind }: ObjectName): string {
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const resource = kind.toLowerCase()
  return UNIQUE_GROUPS.has(group) ? resource : `${resource}.${group}`
}

/** The API version of a name that does not say one; undefined for kinds that are not known. */
export function apiVersionOf({ apiVersion, kind }: ObjectName): string | undefined {
  if (apiVersion !== undefined && apiVersion !== '') return apiVersion
  const known = ['v1', 'apps/v1', 'batch/v1', 'admissionregistration.k8s.io/v1']
    .map((version) => kindOf(version, kind))
    .find((one) => one !== undefined)
  return known === undefined ? undefined : KINDS[known].apiVersion
}
