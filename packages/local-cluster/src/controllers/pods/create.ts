import type { JsonObject } from '@proa/kube'
import { ApiError } from '../../api/status.ts'
import type { ControllerTools } from '../controller.ts'
import { annotationsOf, labelsOf, nameOf, namespaceOf, objectAt, textsAt, uidOf } from '../fields.ts'
import { controllerReference, selects } from '../ownership.ts'

export interface PodIdentity {
  /** The whole name; without it the API server makes one from `<owner>-`. */
  readonly name?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** Fields of the spec that the controller sets on top of the template's. */
  readonly spec?: JsonObject
}

/** A Pod from the owner's template. */
export function podFromTemplate(owner: JsonObject, template: JsonObject, identity: PodIdentity = {}): JsonObject {
  const finalizers = textsAt(template, 'metadata', 'finalizers')
  const annotations = { ...annotationsOf(template), ...identity.annotations }
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      namespace: namespaceOf(owner),
      ...(identity.name === undefined ? { generateName: `${nameOf(owner)}-` } : { name: identity.name }),
      labels: { ...labelsOf(template), ...identity.labels },
      ...(Object.keys(annotations).length === 0 ? {} : { annotations }),
      ...(finalizers.length === 0 ? {} : { finalizers }),
      ownerReferences: [controllerReference(owner)],
    },
    spec: { ...objectAt(template, 'spec'), ...identity.spec },
  }
}

/** Creates the Pod and tells of it in an Event of the owner, in the words of kube-controller-manager. */
export async function createPod(tools: ControllerTools, owner: JsonObject, pod: JsonObject): Promise<JsonObject> {
  try {
    checkStrays(tools, owner)
    const created = await tools.api.create(pod)
    tools.recorder.event(owner, 'Normal', 'SuccessfulCreate', `Created pod: ${nameOf(created)}`)
    noteStray(tools, owner, created)
    return created
  } catch (error) {
    if (error instanceof ApiError && !isNamespaceGoing(error)) {
      tools.recorder.event(owner, 'Warning', 'FailedCreate', `Error creating: ${error.message}`)
    }
    throw error
  }
}

const FIRST_WAIT = 1_000
const LONGEST_WAIT = 60_000

interface Wait {
  readonly until: number
  readonly length: number
}

/** Owners, by uid, whose Pods came out with labels that they do not select. */
const strays = new WeakMap<ControllerTools, Map<string, Wait>>()

/**
 * A Pod that its owner does not select (a webhook changed its labels, say) never counts, so that the next one would follow
 * at once, and without end.
 */
function noteStray(tools: ControllerTools, owner: JsonObject, created: JsonObject): void {
  const waits = strays.get(tools) ?? new Map<string, Wait>()
  strays.set(tools, waits)
  const uid = uidOf(owner)
  if (selects(owner, created)) {
    waits.delete(uid)
    return
  }
  const length = Math.min((waits.get(uid)?.length ?? FIRST_WAIT / 2) * 2, LONGEST_WAIT)
  waits.set(uid, { until: tools.clock.now().getTime() + length, length })
  const message = `${nameOf(created)} has not the labels that its owner selects`
  tools.recorder.event(owner, 'Warning', 'FailedCreate', message)
  throw new Error(message)
}

function checkStrays(tools: ControllerTools, owner: JsonObject): void {
  const wait = strays.get(tools)?.get(uidOf(owner))
  if (wait !== undefined && tools.clock.now().getTime() < wait.until) {
    throw new Error(`${nameOf(owner)} does not select the Pods that come of its template`)
  }
}

export async function deletePod(tools: ControllerTools, owner: JsonObject, pod: JsonObject): Promise<void> {
  const key = { apiVersion: 'v1', kind: 'Pod', name: nameOf(pod), namespace: namespaceOf(pod) }
  try {
    await tools.api.delete(key, { propagationPolicy: 'Background' })
    tools.recorder.event(owner, 'Normal', 'SuccessfulDelete', `Deleted pod: ${nameOf(pod)}`)
  } catch (error) {
    if (error instanceof ApiError && error.reason === 'NotFound') return
    if (error instanceof ApiError) {
      tools.recorder.event(owner, 'Warning', 'FailedDelete', `Error deleting: ${error.message}`)
    }
    throw error
  }
}

/** The refusal of a namespace that is being deleted: nothing to tell, and nothing to try again. */
export function isNamespaceGoing(error: unknown): boolean {
  return error instanceof ApiError && error.message.includes('because it is being terminated')
}

/**
 * Creates `count` Pods in growing batches (1, 2, 4 …) and stops at the first batch with a failure, so that a webhook that
 * refuses one does not have to refuse a thousand.
 */
export async function createInBatches(count: number, create: (index: number) => Promise<unknown>): Promise<void> {
  let next = 0
  for (let size = 1; next < count; size = Math.min(size * 2, count - next)) {
    const batch = Array.from({ length: Math.min(size, count - next) }, (_, index) => create(next + index))
    const results = await Promise.allSettled(batch)
    next += batch.length
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
}
