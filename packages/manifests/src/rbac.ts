import type { JsonObject } from '@proa/kube'
import { clusterWide, namespaced } from './metadata.ts'
import {
  authoritySecretName,
  clusterName,
  injectorConfigMapName,
  injectorName,
  leaseName,
  meshConfigMapName,
  tagConfigurationName,
  tagRoleName,
  webhookConfigurationName,
} from './names.ts'
import type { Installation } from './options.ts'
import { normalRevision } from './resolve-options.ts'

const RBAC = 'rbac.authorization.k8s.io'
const WATCH = ['get', 'list', 'watch']

interface Rule {
  readonly apiGroups: readonly string[]
  readonly resources: readonly string[]
  readonly verbs: readonly string[]
  readonly resourceNames?: readonly string[]
}

const rule = (group: string, resource: string, verbs: readonly string[], names?: readonly string[]): Rule => ({
  apiGroups: [group],
  resources: [resource],
  verbs,
  ...(names === undefined ? {} : { resourceNames: names }),
})

/** In its own namespace only. */
const READ_FOR_DOCTOR: readonly Rule[] = [
  { apiGroups: [''], resources: ['services', 'pods'], verbs: ['list'] },
  { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: ['list'] },
  { apiGroups: ['apps'], resources: ['deployments', 'replicasets'], verbs: ['list'] },
  { apiGroups: ['policy'], resources: ['poddisruptionbudgets'], verbs: ['list'] },
]

export function serviceAccount(installation: Installation): JsonObject {
  const { revision, imagePullSecrets } = installation
  return {
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: namespaced(installation, injectorName(revision)),
    // Only the injector's own Pod asks for the token.
    automountServiceAccountToken: false,
    ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets: imagePullSecrets.map((name) => ({ name })) }),
  }
}

/** What the injector may do in the whole cluster, and the binding. */
export function clusterAccess(installation: Installation): readonly JsonObject[] {
  const name = clusterName(installation)
  const rules = [
    rule('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', WATCH),
    patchWebhooks(webhookConfigurationName(installation)),
    // Their versions decide about native sidecars.
    rule('', 'nodes', WATCH),
    rule('networking.istio.io', 'proxyconfigs', WATCH),
    // A refused Pod is reported beside its owner, in whatever namespace that is.
    rule('', 'events', ['create', 'patch']),
    rule('events.k8s.io', 'events', ['create', 'patch']),
    // The annotations of a namespace hold the ids that OpenShift assigns.
    ...(installation.platform === 'openshift' ? [rule('', 'namespaces', WATCH)] : []),
  ]
  return [clusterRole(installation, name, rules), clusterRoleBinding(installation, name)]
}

/** Lets the injector keep the caBundle of a tag. A role of its own, so that a tag can come and go alone. */
export function tagAccess(installation: Installation, tag: string): readonly JsonObject[] {
  const name = tagRoleName(tag, installation)
  const rules = [patchWebhooks(tagConfigurationName(tag, installation.namespace))]
  return [clusterRole(installation, name, rules), clusterRoleBinding(installation, name)]
}

function patchWebhooks(name: string): Rule {
  return rule('admissionregistration.k8s.io', 'mutatingwebhookconfigurations', ['patch'], [name])
}

/** What the injector may do in its own namespace, and the binding. */
export function namespaceAccess(installation: Installation): readonly JsonObject[] {
  const name = injectorName(installation.revision)
  const [secret, lease] = [authoritySecretName(installation.revision), leaseName(installation.revision)]
  const rules = [
    rule('', 'configmaps', WATCH, configMapNames(installation)),
    // Not "create": whoever may create Secrets can have a token of any ServiceAccount put into one.
    // The manifests bring the Secret, empty.
    rule('', 'secrets', [...WATCH, 'update', 'patch'], [secret]),
    rule('coordination.k8s.io', 'leases', [...WATCH, 'update', 'patch'], [lease]),
    // What stands between the API server and the injector: it looks at that itself, under /debug/doctor.
    ...READ_FOR_DOCTOR,
  ]
  return [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'Role',
      metadata: namespaced(installation, name),
      rules: rules.map((one) => ({ ...one })),
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'RoleBinding',
      metadata: namespaced(installation, name),
      roleRef: { apiGroup: RBAC, kind: 'Role', name },
      subjects: [subject(installation)],
    },
  ]
}

/** The ConfigMaps that the injector reads. */
export function configMapNames({ configuration, revision }: Installation): readonly string[] {
  const theirs = configuration.from === 'existing' ? normalRevision(configuration.revision) : revision
  return [injectorConfigMapName(theirs), meshConfigMapName(theirs)]
}

function clusterRole(installation: Installation, name: string, rules: readonly Rule[]): JsonObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRole',
    metadata: clusterWide(installation, name),
    rules: rules.map((one) => ({ ...one })),
  }
}

function clusterRoleBinding(installation: Installation, name: string): JsonObject {
  return {
    apiVersion: `${RBAC}/v1`,
    kind: 'ClusterRoleBinding',
    metadata: clusterWide(installation, name),
    roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name },
    subjects: [subject(installation)],
  }
}

function subject({ revision, namespace }: Installation): JsonObject {
  return { kind: 'ServiceAccount', name: injectorName(revision), namespace }
}
