import { findPodTemplate, isObject, type JsonObject, refersToWorkload, workloadKind } from '@proa/kube'
import { type Cluster, controllerOf, objectName, remembered } from '../cluster/cluster.ts'
import type { ObjectName } from '../finding.ts'
import { objectTitle } from '../naming.ts'
import { nameOf, namespaceOf, textAt, timeAt } from '../reading.ts'
import type { Kind } from '../snapshot/kinds.ts'
import { derivedOwner } from './derived-owner.ts'

/**
 * What a user thinks of as one thing: a workload with all of its Pods, or a Pod that nobody controls. Checks look at
 * subjects, so that a Deployment of fifty replicas is one finding.
 */
export interface Subject {
  /** The controller at the top that has a Pod template (Deployment, not ReplicaSet; CronJob, not Job), or the Pod. */
  readonly object: ObjectName
  readonly namespace: string
  readonly name: string
  /** The object itself; undefined when the Pods name it but it is not in the snapshot. */
  readonly owner: JsonObject | undefined
  /** The Pod as its controller creates it, `{metadata, spec}`; a live Pod where nothing better is known. */
  readonly template: JsonObject
  /** Where the template stands in the owner: `['spec', 'template']`; `[]` for a Pod. */
  readonly templatePath: readonly string[]
  /** Its Pods, newest first, finished ones too. */
  readonly pods: readonly JsonObject[]
  /** ReplicaSets and Jobs between the object and the Pods. */
  readonly between: readonly JsonObject[]
}

/** Kinds that make Pods from a template, best known ones first; a kind stands for its objects also when they have no Pods. */
const WORKLOADS: readonly Kind[] = [
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'CronJob',
  'Rollout',
  'KnativeService',
  'ReplicaSet',
  'Job',
  'ReplicationController',
]

/** Kinds between a workload and its Pods. */
const BETWEEN: ReadonlySet<string> = new Set(['ReplicaSet', 'Job', 'ReplicationController'])

/** Every workload and every lone Pod of the cluster. */
export const subjects: (cluster: Cluster) => readonly Subject[] = remembered((cluster) => {
  const found = new Map<string, Draft>()
  for (const kind of WORKLOADS) {
    for (const object of cluster.all(kind)) if (!isControlled(object)) add(found, objectName(object), object)
  }
  for (const pod of cluster.all('Pod')) {
    const top = topOf(cluster, pod)
    const draft = add(found, top.name, top.object)
    draft.pods.push(pod)
    if (top.between !== undefined) draft.between.add(top.between)
  }
  return [...found.values()].flatMap(subjectOf)
})

const byNamespace = remembered((cluster) => Map.groupBy(subjects(cluster), ({ namespace }) => namespace))

export function subjectsIn(cluster: Cluster, namespace: string): readonly Subject[] {
  return byNamespace(cluster).get(namespace) ?? []
}

const byPod = remembered((cluster) => {
  const owners = new Map<JsonObject, Subject>()
  for (const subject of subjects(cluster)) for (const pod of subject.pods) owners.set(pod, subject)
  return owners
})

/** The subject that a Pod of the snapshot belongs to. */
export function subjectOfPod(cluster: Cluster, pod: JsonObject): Subject | undefined {
  return byPod(cluster).get(pod)
}

/** The subject that an object is, or that it belongs to (a ReplicaSet, a Job, a Pod). */
export function findSubject(cluster: Cluster, kind: string, namespace: string, name: string): Subject | undefined {
  const found = subjectsIn(cluster, namespace).find(
    (subject) =>
      (subject.object.kind === kind && subject.name === name) ||
      subject.between.some((object) => textAt(object, 'kind') === kind && nameOf(object) === name) ||
      (kind === 'Pod' && subject.pods.some((pod) => nameOf(pod) === name)),
  )
  return found ?? subjectAbove(cluster, kind, namespace, name)
}

/** A ReplicaSet or Job that could not make a Pod yet, so that no Pod leads from it to its workload. */
function subjectAbove(cluster: Cluster, kind: string, namespace: string, name: string): Subject | undefined {
  const known = WORKLOADS.find((one) => one === kind && BETWEEN.has(one))
  const object = known === undefined ? undefined : cluster.find(known, namespace, name)
  const above = object === undefined ? undefined : controllerOf(object)
  return subjectsIn(cluster, namespace).find(
    (subject) => subject.object.kind === above?.kind && subject.name === above.name,
  )
}

/** `Deployment shop/cart` */
export function titleOf({ object }: Subject): string {
  return objectTitle(object)
}

/** Neither finished nor being deleted. */
export function isLive(pod: JsonObject): boolean {
  const phase = textAt(pod, 'status', 'phase')
  return phase !== 'Succeeded' && phase !== 'Failed' && textAt(pod, 'metadata', 'deletionTimestamp') === ''
}

export function livePods(subject: Subject): readonly JsonObject[] {
  return subject.pods.filter(isLive)
}

interface Draft {
  readonly name: ObjectName
  readonly object: JsonObject | undefined
  readonly pods: JsonObject[]
  readonly between: Set<JsonObject>
}

function add(found: Map<string, Draft>, name: ObjectName, object: JsonObject | undefined): Draft {
  const key = `${name.kind}/${name.namespace ?? ''}/${name.name}`
  const known = found.get(key)
  if (known !== undefined) return known
  const draft: Draft = { name, object, pods: [], between: new Set() }
  found.set(key, draft)
  return draft
}

interface Top {
  readonly name: ObjectName
  readonly object: JsonObject | undefined
  readonly between?: JsonObject
}

/** From a Pod upwards: the controller, and the controller of that where it only stands between. */
function topOf(cluster: Cluster, pod: JsonObject): Top {
  const controller = controllerOf(pod)
  const self: Top = { name: objectName(pod), object: pod }
  // The kubelet makes itself the controller of the Pods that it mirrors.
  if (controller === undefined || controller.kind === 'Node' || textAt(controller, 'name') === '') return self
  const namespace = namespaceOf(pod)
  const direct = referenced(cluster, controller, namespace)
  if (!BETWEEN.has(direct.name.kind)) return direct
  if (direct.object === undefined) return { name: derivedOwner(direct.name, pod), object: undefined }
  const above = controllerOf(direct.object)
  if (above === undefined || textAt(above, 'name') === '') return direct
  const top = referenced(cluster, above, namespace)
  return { ...top, between: direct.object }
}

function referenced(cluster: Cluster, reference: JsonObject, namespace: string): Top {
  const [apiVersion, kind, name] = [
    textAt(reference, 'apiVersion'),
    textAt(reference, 'kind'),
    textAt(reference, 'name'),
  ]
  const known = WORKLOADS.find((one) => one === kind)
  const object = known === undefined ? undefined : cluster.find(known, namespace, name)
  const written = { apiVersion, kind, ...(namespace === '' ? {} : { namespace }), name }
  return { name: object === undefined ? written : objectName(object), object }
}

/** Whether another workload that we know stands above: a Deployment over its ReplicaSets. */
function isControlled(object: JsonObject): boolean {
  if (!BETWEEN.has(textAt(object, 'kind'))) return false
  const controller = controllerOf(object)
  return controller !== undefined && textAt(controller, 'name') !== ''
}

function subjectOf({ name, object, pods, between }: Draft): readonly Subject[] {
  const newest = pods.toSorted((a, b) => created(b) - created(a))
  const found = object === undefined ? undefined : templateOf(object)
  const template = found?.template ?? newest[0]
  // A ReplicaSet that another kind controls, without Pods and without that other object: nothing to look at.
  if (template === undefined) return []
  return [
    {
      object: name,
      namespace: name.namespace ?? '',
      name: name.name,
      owner: object,
      template,
      templatePath: found?.path ?? [],
      pods: newest,
      between: [...between],
    },
  ]
}

function templateOf(
  object: JsonObject,
): { readonly template: JsonObject; readonly path: readonly string[] } | undefined {
  const kind = workloadKind(object)
  if (kind === undefined || refersToWorkload(object, kind)) return undefined
  const found = findPodTemplate(object)
  if (found === undefined) return undefined
  if (found.path.length === 0) return { template: object, path: [] }
  const { metadata, spec } = found.template
  return {
    template: { ...(isObject(metadata) ? { metadata } : {}), ...(isObject(spec) ? { spec } : {}) },
    path: found.path,
  }
}

const created = (pod: JsonObject): number => timeAt(pod, 'metadata', 'creationTimestamp') ?? 0
