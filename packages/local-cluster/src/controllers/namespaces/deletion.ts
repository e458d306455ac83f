import type { JsonObject } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import type { ResourceType } from '../../api/types.ts'
import { timestamp } from '../clock.ts'
import { setCondition } from '../conditions.ts'
import {
  type ClusterFacts,
  type Controller,
  type ControllerTools,
  isKind,
  type Kind,
  NAMESPACE,
} from '../controller.ts'
import { isBeingDeleted, nameOf, namespaceOf, objectAt, objectsAt, sameJson, textsAt } from '../fields.ts'
import { listOrNone } from '../run.ts'

const FINALIZER = 'kubernetes'

/** Empties a namespace that is being deleted, and lets it go when it is empty. */
export function namespaceController(tools: ControllerTools, facts: ClusterFacts): Controller {
  const { api } = tools
  const emptying = new Set<string>()
  return {
    name: 'namespace-controller',
    // All kinds: what leaves an ending namespace brings the end nearer.
    kinds: 'all',
    concerns({ object, type }) {
      if (!isKind(object, NAMESPACE))
        return type === 'DELETED' && emptying.has(namespaceOf(object)) ? [namespaceOf(object)] : []
      if (type === 'DELETED') emptying.delete(nameOf(object))
      return type !== 'DELETED' && isBeingDeleted(object) ? [nameOf(object)] : []
    },
    async reconcile(name) {
      const namespace = api.find({ ...NAMESPACE, name, namespace: '' })
      if (namespace === undefined || !isBeingDeleted(namespace)) return undefined
      if (!textsAt(namespace, 'spec', 'finalizers').includes(FINALIZER)) return undefined
      emptying.add(name)
      const kinds = facts.resources().filter(isRemovable)
      for (const kind of kinds) for (const object of contentOf(tools, kind, name)) await remove(tools, kind, object)
      const rest = kinds.flatMap((kind) => contentOf(tools, kind, name).map((object) => ({ kind, object })))
      await writeConditions(tools, name, rest)
      if (rest.length === 0) await release(tools, name)
      return undefined
    },
  }
}

function isRemovable(type: ResourceType): boolean {
  // Events come in two groups but are the same objects.
  return type.namespaced && !(type.group === 'events.k8s.io') && !VIRTUAL.has(type.kind)
}

/** Kinds that are asked and not kept. */
const VIRTUAL: ReadonlySet<string> = new Set(['Binding', 'LocalSubjectAccessReview', 'Eviction', 'TokenRequest'])

export function kindOf(type: ResourceType): Kind {
  return { apiVersion: type.group === '' ? type.version : `${type.group}/${type.version}`, kind: type.kind }
}

function contentOf(tools: ControllerTools, type: ResourceType, namespace: string): readonly JsonObject[] {
  return listOrNone(tools.api, kindOf(type), namespace)
}

async function remove(tools: ControllerTools, type: ResourceType, object: JsonObject): Promise<void> {
  if (isBeingDeleted(object)) return
  const key = { ...kindOf(type), name: nameOf(object), namespace: namespaceOf(object) }
  try {
    await tools.api.delete(key, { propagationPolicy: 'Background' })
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error
  }
}

async function writeConditions(
  tools: ControllerTools,
  name: string,
  rest: readonly { readonly kind: ResourceType; readonly object: JsonObject }[],
): Promise<void> {
  const namespace = tools.api.find({ ...NAMESPACE, name, namespace: '' })
  if (namespace === undefined) return
  const now = timestamp(tools.clock.now())
  const before = objectsAt(namespace, 'status', 'conditions')
  const conditions = [
    {
      type: 'NamespaceDeletionDiscoveryFailure',
      bad: false,
      reason: 'ResourcesDiscovered',
      message: 'All resources successfully discovered',
    },
    {
      type: 'NamespaceDeletionGroupVersionParsingFailure',
      bad: false,
      reason: 'ParsedGroupVersions',
      message: 'All legacy kube types successfully parsed',
    },
    {
      type: 'NamespaceDeletionContentFailure',
      bad: false,
      reason: 'ContentDeleted',
      message: 'All content successfully deleted, may be waiting on finalization',
    },
    remaining(rest),
    withFinalizers(rest),
  ].reduce(
    (all, { type, bad, reason, message }) =>
      setCondition(all, { type, status: bad ? 'True' : 'False', reason, message }, now),
    before,
  )
  const sorted = [...conditions].sort((a, b) => ORDER.indexOf(String(a.type)) - ORDER.indexOf(String(b.type)))
  const status = { ...objectAt(namespace, 'status'), phase: 'Terminating', conditions: sorted }
  if (!sameJson(status, objectAt(namespace, 'status')))
    await tools.api.update({ ...namespace, status }, { subresource: 'status' })
}

const ORDER = [
  'NamespaceDeletionDiscoveryFailure',
  'NamespaceDeletionGroupVersionParsingFailure',
  'NamespaceDeletionContentFailure',
  'NamespaceContentRemaining',
  'NamespaceFinalizersRemaining',
]

type Rest = readonly { readonly kind: ResourceType; readonly object: JsonObject }[]

function remaining(rest: Rest) {
  const type = 'NamespaceContentRemaining'
  if (rest.length === 0)
    return { type, bad: false, reason: 'ContentRemoved', message: 'All content successfully removed' }
  const counts = counted(rest.map(({ kind }) => resourceName(kind)))
  const message = `Some resources are remaining: ${counts.map(([name, count]) => `${name} has ${count} resource instances`).join(', ')}`
  return { type, bad: true, reason: 'SomeResourcesRemain', message }
}

function withFinalizers(rest: Rest) {
  const type = 'NamespaceFinalizersRemaining'
  const counts = counted(rest.flatMap(({ object }) => textsAt(object, 'metadata', 'finalizers')))
  if (counts.length === 0)
    return { type, bad: false, reason: 'ContentHasNoFinalizers', message: 'All content-preserving finalizers finished' }
  const list = counts.map(([name, count]) => `${name} in ${count} resource instances`).join(', ')
  return {
    type,
    bad: true,
    reason: 'SomeFinalizersRemain',
    message: `Some content in the namespace has finalizers remaining: ${list}`,
  }
}

/** `pods.`, `deployments.apps`: as Go prints the resource of a group. */
const resourceName = (type: ResourceType) => `${type.resource}.${type.group}`

function counted(names: readonly string[]): readonly (readonly [string, number])[] {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1))
}

/** Takes our finalizer away; the namespace is gone with the last one. */
async function release(tools: ControllerTools, name: string): Promise<void> {
  const namespace = tools.api.find({ ...NAMESPACE, name, namespace: '' })
  if (namespace === undefined) return
  const finalizers = textsAt(namespace, 'spec', 'finalizers').filter((finalizer) => finalizer !== FINALIZER)
  await tools.api.update(
    { ...namespace, spec: { ...objectAt(namespace, 'spec'), finalizers } },
    { subresource: 'finalize' },
  )
}
