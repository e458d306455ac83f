import type { JsonObject } from '@proa/kube'
import { commonLabels } from './labels.ts'
import type { Installation } from './options.ts'

/** Metadata of an object in the namespace of the installation. */
export function namespaced(installation: Installation, name: string): JsonObject {
  return { name, namespace: installation.namespace, labels: commonLabels(installation) }
}

/** Metadata of an object of the whole cluster. */
export function clusterWide(installation: Installation, name: string): JsonObject {
  return { name, labels: commonLabels(installation) }
}
