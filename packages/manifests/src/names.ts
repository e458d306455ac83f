import type { Installation } from './options.ts'

export const DEFAULT_NAMESPACE = 'istio-system'
export const DEFAULT_REVISION = 'default'
export const DEFAULT_TAG = 'default'

export const LABEL = {
  revision: 'istio.io/rev',
  tag: 'istio.io/tag',
  injection: 'istio-injection',
  inject: 'sidecar.istio.io/inject',
  app: 'app',
  name: 'app.kubernetes.io/name',
  instance: 'app.kubernetes.io/instance',
  partOf: 'app.kubernetes.io/part-of',
  managedBy: 'app.kubernetes.io/managed-by',
  version: 'app.kubernetes.io/version',
  namespaceName: 'kubernetes.io/metadata.name',
} as const

/** Value of `app.kubernetes.io/name`; every Pod of an injector carries it, whatever its revision. */
export const APP_NAME = 'proa-injector'

/** Who writes the fields of an installation (server-side apply). */
export const FIELD_MANAGER = 'proa-install'

/** Istio's own test for "this is an injection webhook"; tools such as `istioctl x check-inject` go by it. */
export const WEBHOOK_NAME = 'sidecar-injector.istio.io'

type Place = Pick<Installation, 'revision' | 'namespace'>

const withRevision = (base: string, revision: string): string =>
  revision === DEFAULT_REVISION ? base : `${base}-${revision}`

/** Istio's rule: the namespace is part of the name of what belongs to the whole cluster, unless it is the usual one. */
const withNamespace = (base: string, namespace: string): string =>
  namespace === DEFAULT_NAMESPACE ? base : `${base}-${namespace}`

/** Of the Deployment, the Service, the ServiceAccount, the Role and whatever else stands in the namespace. */
export function injectorName(revision: string): string {
  return withRevision(APP_NAME, revision)
}

/**
 * Of what belongs to the whole cluster: `proa-injector-canary.istio-system`. The dot, which neither a revision nor a
 * namespace can have, keeps the names of two installations apart.
 */
export function clusterName({ revision, namespace }: Place): string {
  return `${injectorName(revision)}.${namespace}`
}

export function webhookConfigurationName({ revision, namespace }: Place): string {
  return withNamespace(withRevision('istio-sidecar-injector', revision), namespace)
}

export function tagConfigurationName(tag: string, namespace: string): string {
  return withNamespace(`istio-revision-tag-${tag}`, namespace)
}

/** Of the objects that let the injector patch the configuration of a tag. */
export function tagRoleName(tag: string, place: Place): string {
  return `${clusterName(place)}.tag-${tag}`
}

/** Of the policy that guards a tag, and its binding. */
export function tagGuardName(tag: string, place: Place): string {
  return `${tagRoleName(tag, place)}.guard`
}

/** Of the policy that guards the revision, and its binding. */
export function guardName(place: Place): string {
  return `${clusterName(place)}.guard`
}

/** Whether a name is one of the above, of this installation. */
export function isClusterNameOf(name: string, place: Place): boolean {
  return name === clusterName(place) || name.startsWith(`${clusterName(place)}.`)
}

/** With the keys `config` and `values`. */
export function injectorConfigMapName(revision: string): string {
  return withRevision('istio-sidecar-injector', revision)
}

/** With the key `mesh`. */
export function meshConfigMapName(revision: string): string {
  return withRevision('istio', revision)
}

/** Of the Secret with the authority that signs the serving certificates. */
export function authoritySecretName(revision: string): string {
  return `${injectorName(revision)}-ca`
}

/** Of the Lease that the replicas share the authority by. */
export function leaseName(revision: string): string {
  return injectorName(revision)
}
