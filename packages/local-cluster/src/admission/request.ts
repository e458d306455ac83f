import { type AdmissionRequest, getOwn, isObject, type JsonObject, type LabelMap } from '@proa/kube'
import type { AdmissionDeps } from './deps.ts'
import type { AdmissionAttributes } from './types.ts'

/** The stored Namespace of a request, if it is there. */
export function namespaceOf(attributes: AdmissionAttributes, { objects }: AdmissionDeps): JsonObject | undefined {
  if (attributes.namespace === '') return undefined
  return objects.find({ apiVersion: 'v1', kind: 'Namespace', namespace: '', name: attributes.namespace })
}

/** The request as the choice of webhooks and policies sees it, with the object as it is now. */
export function admissionRequest(attributes: AdmissionAttributes, deps: AdmissionDeps): AdmissionRequest {
  const { group, version, resource, kind } = attributes.resource
  const namespace = namespaceOf(attributes, deps)
  return {
    group,
    version,
    resource,
    kind,
    subResource: attributes.subresource,
    operation: attributes.operation,
    namespace: attributes.namespace,
    name: attributes.name,
    object: attributes.object ?? null,
    oldObject: attributes.oldObject ?? null,
    namespaceLabels: namespace === undefined ? {} : labelsOf(namespace),
    userInfo: attributes.user,
    dryRun: attributes.dryRun,
  }
}

export function labelsOf(object: JsonObject): LabelMap {
  const metadata = getOwn(object, 'metadata')
  const labels = isObject(metadata) ? getOwn(metadata, 'labels') : undefined
  const pairs = isObject(labels) ? Object.entries(labels) : []
  return Object.fromEntries(pairs.filter((pair): pair is [string, string] => typeof pair[1] === 'string'))
}
