import type { Json, JsonObject } from '@proa/kube'
import type { AdmissionAttributes } from '../../src/admission/types.ts'
import type { ClusterApi, ObjectKey, ResourceType } from '../../src/api/types.ts'

/** Objects that admission reads, without an API around them. */
export function objectsOf(...objects: readonly JsonObject[]): Pick<ClusterApi, 'find' | 'list'> {
  const all = objects.map((object) => object as JsonObject & { metadata: JsonObject })
  const namespaceOf = (object: { metadata: JsonObject }) => object.metadata.namespace ?? ''
  return {
    find: ({ apiVersion, kind, name, namespace }: ObjectKey) =>
      all.find(
        (one) =>
          one.apiVersion === apiVersion &&
          one.kind === kind &&
          one.metadata.name === name &&
          namespaceOf(one) === namespace,
      ),
    list: ({ apiVersion, kind }, namespace) =>
      all.filter(
        (one) =>
          one.apiVersion === apiVersion &&
          one.kind === kind &&
          (namespace === undefined || namespaceOf(one) === namespace),
      ),
  }
}

export function resourceType(kind: string, group = '', namespaced = true, version = 'v1'): ResourceType {
  const singular = kind.toLowerCase()
  const resource = singular.endsWith('s')
    ? `${singular}es`
    : singular.endsWith('y')
      ? `${singular.slice(0, -1)}ies`
      : `${singular}s`
  return { group, version, resource, singular, kind, namespaced, shortNames: [], categories: [], subresources: [] }
}

export function namespace(name: string, labels: Record<string, string> = {}): JsonObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
    status: { phase: 'Active' },
  }
}

/** A Service of one port and the EndpointSlice behind it. */
export function service(
  name: string,
  where: {
    readonly namespace: string
    readonly endpoints: readonly Json[]
    readonly port: number
    readonly spec?: JsonObject
  },
): readonly JsonObject[] {
  const metadata = { name, namespace: where.namespace }
  return [
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { type: 'ClusterIP', ports: [{ port: 443, targetPort: where.port, protocol: 'TCP' }], ...where.spec },
    },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { ...metadata, labels: { 'kubernetes.io/service-name': name } },
      addressType: 'IPv4',
      endpoints: where.endpoints,
      ports: [{ name: '', port: where.port, protocol: 'TCP' }],
    },
  ]
}

export function webhookConfiguration(name: string, webhooks: readonly JsonObject[], kind = 'Mutating'): JsonObject {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: `${kind}WebhookConfiguration`,
    metadata: { name },
    webhooks,
  }
}

/** A CREATE of an object by an administrator. */
export function creation(
  type: ResourceType,
  object: JsonObject,
  more: Partial<AdmissionAttributes> = {},
): AdmissionAttributes {
  const metadata = object.metadata as JsonObject
  return {
    operation: 'CREATE',
    resource: type,
    subresource: '',
    namespace: type.namespaced ? String(metadata.namespace ?? '') : '',
    name: String(metadata.name ?? ''),
    object,
    oldObject: undefined,
    user: { username: 'admin', groups: ['system:masters', 'system:authenticated'] },
    dryRun: false,
    options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' },
    ...more,
  }
}
