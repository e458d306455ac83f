import {
  type CustomWorkload,
  findPodTemplate,
  isObject,
  type Json,
  type JsonObject,
  type JsonPatchOperation,
  refersToWorkload,
  workloadKind,
} from '@proa/kube'
import { behaves } from '../behaviour.ts'
import { objectOf, textOf } from '../data/fields.ts'
import { type Owner, ownerOf } from '../data/owner.ts'
import { InjectionError } from '../errors.ts'

/** The Pod inside a workload, and where it is. */
export interface WorkloadPod {
  readonly kind: string
  readonly apiVersion: string
  readonly name: string
  readonly namespace: string
  /** `{metadata, spec}` */
  readonly pod: JsonObject
  readonly specPath: readonly string[]
  readonly metadataPath: readonly string[]
  readonly owner: Owner
}

export type FoundPod =
  | { readonly kind: 'found'; readonly workload: WorkloadPod }
  | { readonly kind: 'no-template'; readonly path: readonly string[] }
  | { readonly kind: 'not-a-workload' }

/**
 * Finds the Pod that a controller would create from an object.
 *
 * @param mode kube-inject reads a CronJob's labels and annotations from the job template; a controller takes the Pod template's
 */
export function podOfWorkload(
  object: JsonObject,
  mode: 'manual' | 'webhook',
  minor: number,
  extra: readonly CustomWorkload[] = [],
): FoundPod {
  const kind = workloadKind(object, extra)
  if (kind === undefined || refersToWorkload(object, kind)) return { kind: 'not-a-workload' }
  const found = findPodTemplate(object, extra)
  if (found === undefined) return { kind: 'no-template', path: kind.template }
  const metadataPath = mode === 'manual' ? found.metadataPath : found.path
  const metadata = at(object, [...metadataPath, 'metadata'])
  const { template } = found
  const isPod = found.path.length === 0 && kind.kind === 'Pod'
  const derivesOwner = isPod && (mode === 'webhook' || behaves(minor, 'derivesOwnerManually'))
  const pod = isPod ? template : podFrom(metadata, template.spec)
  const namespace = textOf(object.metadata, 'namespace')
  return {
    kind: 'found',
    workload: {
      kind: textOf(object, 'kind'),
      apiVersion: textOf(object, 'apiVersion'),
      name: textOf(object.metadata, 'name') || textOf(object.metadata, 'generateName'),
      namespace,
      pod,
      specPath: found.path,
      metadataPath,
      owner: derivesOwner ? ownerOf(object, namespace, minor) : ownerFromWorkload(object, namespace),
    },
  }
}

function podFrom(metadata: Json | undefined, spec: Json | undefined): JsonObject {
  return {
    ...(metadata === undefined ? {} : { metadata }),
    ...(spec === undefined ? {} : { spec }),
  }
}

function ownerFromWorkload(object: JsonObject, namespace: string): Owner {
  const metadata = objectOf(object, 'metadata') ?? {}
  return {
    apiVersion: textOf(object, 'apiVersion'),
    kind: textOf(object, 'kind'),
    name: textOf(metadata, 'name'),
    namespace,
    metadata,
  }
}

function at(object: JsonObject, path: readonly string[]): Json | undefined {
  let node: Json | undefined = object
  for (const step of path) node = isObject(node) && Object.hasOwn(node, step) ? node[step] : undefined
  return node
}

/** The error of kube-inject for a kind that should have a Pod template, and of ours. */
export function noPodTemplate(path: readonly string[]): InjectionError {
  const where = path.join('.')
  return new InjectionError('NoPodTemplate', `${where} is required value`, {
    path: where,
    hint: 'a workload without a Pod template creates no Pods',
  })
}

/** A patch of the Pod as a patch of the workload. */
export function patchOfWorkload(
  patch: readonly JsonPatchOperation[],
  { specPath, metadataPath }: Pick<WorkloadPod, 'specPath' | 'metadataPath'>,
): readonly JsonPatchOperation[] {
  const place = (pointer: string): string =>
    `${(pointer.startsWith('/metadata') ? metadataPath : specPath).map((step) => `/${step}`).join('')}${pointer}`
  return patch.map((operation) => ({
    ...operation,
    path: place(operation.path),
    ...('from' in operation ? { from: place(operation.from) } : {}),
  }))
}
