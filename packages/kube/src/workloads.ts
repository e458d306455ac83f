import { getOwn, isArray, isObject, type Json, type JsonObject } from './json.ts'

/** Where an object of some kind keeps the Pod that is created from it. */
export interface WorkloadKind {
  readonly kind: string
  /** API group without version (`''` is core). Left out: any group, as kube-inject looks at the kind alone. */
  readonly group?: string
  /** Path of the object that holds the Pod's `metadata` and `spec`; `[]` is the object itself. */
  readonly template: readonly string[]
  /**
   * Path of the object whose `metadata` kube-inject reads and writes. Left out:
   * the template. It differs for a CronJob, where Istio uses the job template.
   */
  readonly metadata?: readonly string[]
  /** Path of a reference that may stand in place of the template: the workload is then the other object. */
  readonly reference?: readonly string[]
}

/** A template path that the user gives for a kind of their own. */
export interface CustomWorkload {
  readonly group?: string
  readonly kind: string
  /** As in {@link WorkloadKind.template}: `['spec', 'template']`. */
  readonly path: readonly string[]
}

const TEMPLATE = ['spec', 'template'] as const

/** Every kind that carries a Pod, apart from `List`. */
const WORKLOAD_KINDS: readonly WorkloadKind[] = [
  { kind: 'Pod', template: [] },
  { kind: 'ReplicationController', template: TEMPLATE },
  { kind: 'Deployment', template: TEMPLATE },
  { kind: 'DaemonSet', template: TEMPLATE },
  { kind: 'ReplicaSet', template: TEMPLATE },
  { kind: 'StatefulSet', template: TEMPLATE },
  { kind: 'Job', template: TEMPLATE },
  {
    kind: 'CronJob',
    template: ['spec', 'jobTemplate', 'spec', 'template'],
    metadata: ['spec', 'jobTemplate'],
  },
  { kind: 'DeploymentConfig', template: TEMPLATE },
  // From here on kinds that kube-inject does not know.
  { kind: 'PodTemplate', group: '', template: ['template'] },
  // A Rollout with workloadRef has no template of its own: the referenced Deployment is the workload.
  { kind: 'Rollout', group: 'argoproj.io', template: TEMPLATE, reference: ['spec', 'workloadRef'] },
  // A core Service has the same kind and no Pod, so the group decides.
  { kind: 'Service', group: 'serving.knative.dev', template: TEMPLATE },
  { kind: 'Configuration', group: 'serving.knative.dev', template: TEMPLATE },
  { kind: 'Revision', group: 'serving.knative.dev', template: [] },
]

/** The group of an `apiVersion`: `apps` of `apps/v1`, `''` of `v1`. */
export function apiGroup(apiVersion: Json | undefined): string {
  if (typeof apiVersion !== 'string') return ''
  const slash = apiVersion.indexOf('/')
  return slash < 0 ? '' : apiVersion.slice(0, slash)
}

/**
 * The table entry for an object by its kind and group; `undefined` for kinds without a Pod. User's kinds win. Says nothing
 * about whether the object really has a Pod template.
 */
export function workloadKind(object: Json, extra: readonly CustomWorkload[] = []): WorkloadKind | undefined {
  if (!isObject(object) || typeof object.kind !== 'string') return undefined
  const group = apiGroup(object.apiVersion)
  const fits = (entry: { readonly kind: string; readonly group?: string }): boolean =>
    entry.kind === object.kind && (entry.group === undefined || entry.group === group)
  const custom = extra.find(fits)
  if (custom !== undefined) return { kind: custom.kind, template: custom.path }
  return WORKLOAD_KINDS.find(fits)
}

/** A Pod found in an object. All paths start at the object. */
export interface PodTemplate {
  readonly kind: WorkloadKind
  /** Path of what holds the Pod's `metadata` and `spec`. */
  readonly path: readonly string[]
  /** What stands there. */
  readonly template: JsonObject
  /** Path of the holder of the metadata that kube-inject reads. */
  readonly metadataPath: readonly string[]
}

/** The Pod template of an object; `undefined` when its kind has none, or the object leaves it out. */
export function findPodTemplate(object: Json, extra: readonly CustomWorkload[] = []): PodTemplate | undefined {
  const kind = workloadKind(object, extra)
  const template = kind === undefined ? undefined : objectAt(object, kind.template)
  if (kind === undefined || template === undefined) return undefined
  return { kind, path: kind.template, template, metadataPath: kind.metadata ?? kind.template }
}

/** Whether an object of this kind leaves its Pod to another object. */
export function refersToWorkload(object: Json, { reference, template }: WorkloadKind): boolean {
  if (reference === undefined) return false
  return objectAt(object, reference) !== undefined && objectAt(object, template) === undefined
}

/** Whether the object is a `List`, whose `items` are objects of their own. */
export function isList(object: Json): object is JsonObject {
  return isObject(object) && object.kind === 'List'
}

/** The items of a `List`; `[]` when there are none. */
export function listItems(list: JsonObject): readonly Json[] {
  return isArray(list.items) ? list.items : []
}

function objectAt(object: Json, path: readonly string[]): JsonObject | undefined {
  let node: Json | undefined = object
  for (const step of path) node = isObject(node) ? getOwn(node, step) : undefined
  return isObject(node) ? node : undefined
}
