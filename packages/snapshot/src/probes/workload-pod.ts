import { ALL_KINDS, type Cluster, KINDS, type Kind } from '@proa/doctor'
import { findPodTemplate, isObject, type JsonObject, refersToWorkload, workloadKind } from '@proa/kube'
import { nameOf, objects, part, text } from '../take/shapes.ts'
import { type PodToTry, PROBE_ANNOTATION, samplePod } from './sample-pod.ts'

export interface WorkloadName {
  /** `Deployment`, `Pod` … */
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** A Pod as the workload's controller would create it now; none when the workload is not there, or has no Pod. */
export function podOfWorkload(cluster: Cluster, { kind, namespace, name }: WorkloadName): readonly PodToTry[] {
  const object = kindsCalled(kind)
    .map((one) => cluster.find(one, namespace, name))
    .find((found) => found !== undefined)
  if (object === undefined) return []
  const source = object.kind === 'Pod' ? (controllerOf(cluster, namespace, object) ?? object) : object
  const pod = source.kind === 'Pod' ? again(source, namespace) : fromTemplate(cluster, source, namespace)
  if (pod === undefined) return []
  return [{ namespace, pod, workload: { apiVersion: text(object, 'apiVersion'), kind: text(object, 'kind'), name } }]
}

const kindsCalled = (kind: string): readonly Kind[] =>
  ALL_KINDS.filter((one) => KINDS[one].kind === kind || one === kind)

function controllerOf(cluster: Cluster, namespace: string, pod: JsonObject): JsonObject | undefined {
  const owner = objects(part(pod, 'metadata').ownerReferences).find((one) => one.controller === true)
  if (owner === undefined) return undefined
  return kindsCalled(text(owner, 'kind'))
    .map((kind) => cluster.find(kind, namespace, text(owner, 'name')))
    .find((found) => found !== undefined && findPodTemplate(found) !== undefined)
}

function fromTemplate(cluster: Cluster, workload: JsonObject, namespace: string): JsonObject | undefined {
  const kind = workloadKind(workload)
  if (kind !== undefined && refersToWorkload(workload, kind)) {
    const { kind: other, name } = part(part(workload, 'spec'), 'workloadRef')
    const found = other === 'Deployment' ? cluster.find('Deployment', namespace, String(name)) : undefined
    return found === undefined ? undefined : fromTemplate(cluster, found, namespace)
  }
  const template = findPodTemplate(workload)?.template
  if (template === undefined || !isObject(template.spec)) return undefined
  const metadata = part(template, 'metadata')
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      generateName: `${nameOf(workload)}-`,
      namespace,
      labels: part(metadata, 'labels'),
      annotations: { ...part(metadata, 'annotations'), ...PROBE_ANNOTATION },
    },
    spec: template.spec,
  }
}

const STATUS = 'sidecar.istio.io/status'

/** A Pod without a controller holds what webhooks made of it; only its labels and annotations are surely its own. */
function again(pod: JsonObject, namespace: string): JsonObject {
  const metadata = part(pod, 'metadata')
  const texts = (map: JsonObject): Record<string, string> =>
    Object.fromEntries(Object.entries(map).filter((entry): entry is [string, string] => typeof entry[1] === 'string'))
  const { [STATUS]: _, ...annotations } = texts(part(metadata, 'annotations'))
  const sample = samplePod(namespace, texts(part(metadata, 'labels')), annotations)
  const { hostNetwork } = part(pod, 'spec')
  return hostNetwork === true ? { ...sample, spec: { ...part(sample, 'spec'), hostNetwork } } : sample
}
