import type { JsonObject } from '@proa/kube'
import { ApiError } from '../api/status.ts'
import { CUSTOM_RESOURCE_CLEANUP, isBuiltIn } from '../resources/custom.ts'
import { timestamp } from './clock.ts'
import { type ConditionFacts, setCondition } from './conditions.ts'
import { type Controller, type ControllerTools, isKind, type Kind } from './controller.ts'
import { isBeingDeleted, nameOf, namespaceOf, objectAt, objectsAt, textAt, textsAt } from './fields.ts'
import { listOrNone } from './run.ts'

const DEFINITION: Kind = { apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }

/** Deletes the objects of a CustomResourceDefinition that is being deleted, and lets it go when none is left. */
export function definitionController(tools: ControllerTools): Controller {
  const { api } = tools
  /** Definitions on their way out, by the kind that they define. */
  const ending = new Map<string, string>()
  return {
    name: 'customresourcedefinition-finalizer',
    kinds: 'all',
    concerns({ object, type }) {
      if (!isKind(object, DEFINITION)) {
        const name = type === 'DELETED' ? ending.get(groupKind(object)) : undefined
        return name === undefined ? [] : [name]
      }
      if (type === 'DELETED') ending.delete(definedKind(object))
      else if (isBeingDeleted(object)) ending.set(definedKind(object), nameOf(object))
      return type !== 'DELETED' && isBeingDeleted(object) ? [nameOf(object)] : []
    },
    async reconcile(name) {
      const definition = api.find({ ...DEFINITION, name, namespace: '' })
      if (definition === undefined || !isBeingDeleted(definition)) return undefined
      const finalizers = textsAt(definition, 'metadata', 'finalizers')
      if (!finalizers.includes(CUSTOM_RESOURCE_CLEANUP)) return undefined
      const kind = servedKind(definition)
      for (const object of instances(tools, kind)) if (kind !== undefined) await remove(tools, kind, object)
      if (instances(tools, kind).length > 0) await noteProgress(tools, definition)
      else await release(tools, definition)
      return undefined
    },
  }
}

/** `<group>/<kind>` */
function groupKind({ apiVersion, kind }: JsonObject): string {
  return `${String(apiVersion).split('/')[0]}/${String(kind)}`
}

function definedKind(definition: JsonObject): string {
  return `${textAt(definition, 'spec', 'group')}/${textAt(definition, 'spec', 'names', 'kind')}`
}

/** Undefined when no version is served, or another resource in its place. */
function servedKind(definition: JsonObject): Kind | undefined {
  const version = objectsAt(definition, 'spec', 'versions').find(({ served }) => served === true)
  if (version === undefined || isBuiltIn(definition)) return undefined
  const apiVersion = `${textAt(definition, 'spec', 'group')}/${textAt(version, 'name')}`
  return { apiVersion, kind: textAt(definition, 'spec', 'names', 'kind') }
}

function instances({ api }: ControllerTools, kind: Kind | undefined): readonly JsonObject[] {
  return kind === undefined ? [] : listOrNone(api, kind)
}

async function remove({ api }: ControllerTools, kind: Kind, object: JsonObject): Promise<void> {
  if (isBeingDeleted(object)) return
  try {
    await api.delete({ ...kind, name: nameOf(object), namespace: namespaceOf(object) })
  } catch (error) {
    if (!(error instanceof ApiError && error.reason === 'NotFound')) throw error
  }
}

async function noteProgress({ api, clock }: ControllerTools, definition: JsonObject): Promise<void> {
  const before = objectsAt(definition, 'status', 'conditions')
  const message = 'CustomResource deletion is in progress'
  const reason = 'InstanceDeletionInProgress'
  const terminating: ConditionFacts = { type: 'Terminating', status: 'True', reason, message }
  const conditions = setCondition(before, terminating, timestamp(clock.now()))
  const status = { ...objectAt(definition, 'status'), conditions: [...conditions] }
  await api.update({ ...definition, status }, { subresource: 'status' })
}

async function release({ api }: ControllerTools, definition: JsonObject): Promise<void> {
  const metadata = objectAt(definition, 'metadata')
  const finalizers = textsAt(definition, 'metadata', 'finalizers').filter((one) => one !== CUSTOM_RESOURCE_CLEANUP)
  await api.update({ ...definition, metadata: { ...metadata, finalizers } })
}
