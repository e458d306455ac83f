/** The Pods that controllers would create from a manifest, as Istio's webhook tests make them up. */

import { podOfWorkload } from '../../packages/injector/src/index.ts'
import {
  coerceScalars,
  isList,
  isObject,
  type Json,
  type JsonObject,
  listItems,
  parseYaml,
  readTyped,
} from '../../packages/kube/src/index.ts'

export interface ControllerPod {
  /** As JSON of the typed Pod, which is what the webhook is sent. */
  readonly pod: JsonObject
  /** `metadata.namespace` of the object, often empty. */
  readonly namespace: string
}

/** Documents are told apart at the text `\n---`, items of lists stand alone, objects without a Pod are passed over. */
export function controllerPods(manifest: string, minor: number): ControllerPod[] {
  return manifest
    .split('\n---')
    .map((text) => parseYaml(text))
    .flatMap(itemsOf)
    .flatMap((object) => {
      const found = podOfWorkload(object, 'webhook', minor)
      if (found.kind !== 'found') return []
      const { kind, apiVersion, name, namespace, pod } = found.workload
      const owned = kind === 'Pod' ? pod : createdBy(kind, apiVersion, name, pod)
      return [{ pod: typedPod(owned), namespace }]
    })
}

function itemsOf(object: Json): JsonObject[] {
  if (isList(object)) return listItems(object).flatMap(itemsOf)
  return isObject(object) ? [object] : []
}

function createdBy(kind: string, apiVersion: string, name: string, pod: JsonObject): JsonObject {
  const isDeployment = kind === 'Deployment'
  const owner = isDeployment ? `${name}-fake` : name
  const metadata = isObject(pod.metadata) ? pod.metadata : {}
  const labels = isObject(metadata.labels) ? metadata.labels : undefined
  const reference = {
    apiVersion: isDeployment ? 'apps/v1' : apiVersion,
    kind: isDeployment ? 'ReplicaSet' : kind,
    name: owner,
    controller: true,
  }
  return {
    ...pod,
    metadata: {
      ...metadata,
      generateName: isDeployment ? `${owner}-` : owner,
      ownerReferences: [reference],
      ...(isDeployment ? { labels: { ...labels, 'pod-template-hash': 'fake' } } : {}),
    },
  }
}

function typedPod(pod: JsonObject): JsonObject {
  return readTyped('v1.Pod', coerceScalars('v1.Pod', pod)) as JsonObject
}
