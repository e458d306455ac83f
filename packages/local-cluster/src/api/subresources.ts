import { getOwn, type JsonObject } from '@proa/kube'
import type { Backend, Call } from './backend.ts'
import { timestamp } from './backend.ts'
import { deleteObject } from './delete.ts'
import { badRequest, conflict, methodNotAllowed, unforeseen } from './errors.ts'
import { metadataOf, nameOf, part, withKeys, withMetadata } from './metadata.ts'
import { getObject } from './read.ts'
import { isScalable, scaleOf, withReplicas } from './scale.ts'
import { issueServiceAccountToken } from './service-account-token.ts'
import { ApiError } from './status.ts'
import type { DeleteOptions } from './types.ts'
import { changeObject, updateObject } from './update.ts'

/** Subresources that show the object itself, and change a part of it. */
const PARTS: ReadonlySet<string> = new Set(['status', 'finalize', 'ephemeralcontainers', 'resize'])

export function isObjectPart(subresource: string): boolean {
  return PARTS.has(subresource)
}

/** GET of `<object>/<subresource>`. */
export function getSubresource(backend: Backend, call: Call): JsonObject {
  const object = getObject(backend, call)
  if (isObjectPart(call.subresource)) return object
  if (call.subresource === 'scale' && isScalable(call.type)) return scaleOf(call.type, object)
  throw methodNotAllowed()
}

/** PUT of `<object>/<subresource>`. */
export async function updateSubresource(backend: Backend, call: Call, object: JsonObject): Promise<JsonObject> {
  if (isObjectPart(call.subresource)) return updateObject(backend, call, object)
  if (call.subresource === 'scale' && isScalable(call.type)) return setScale(backend, call, () => object)
  throw methodNotAllowed()
}

/** Changes the scale of an object: what `make` gets and returns is a Scale. */
export async function setScale(
  backend: Backend,
  call: Call,
  make: (scale: JsonObject) => JsonObject,
): Promise<JsonObject> {
  const changed = await changeObject(
    backend,
    { ...call, subresource: 'scale' },
    {
      make: (current) => {
        const scale = make(scaleOf(call.type, current))
        const replicas = getOwn(part(scale, 'spec'), 'replicas') ?? 0
        if (typeof replicas !== 'number' || !Number.isInteger(replicas))
          throw badRequest('spec.replicas must be an integer')
        if (replicas < 0) {
          throw new ApiError(
            422,
            'Invalid',
            `Scale.autoscaling "${call.name}" is invalid: spec.replicas: Invalid value: ${replicas}: must be greater than or equal to 0`,
            {
              name: call.name,
              group: 'autoscaling',
              kind: 'Scale',
              causes: [
                {
                  reason: 'FieldValueInvalid',
                  message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
                  field: 'spec.replicas',
                },
              ],
            },
          )
        }
        const { resourceVersion, uid } = metadataOf(scale)
        return withMetadata(withReplicas(call.type, current, replicas), {
          resourceVersion: resourceVersion ?? undefined,
          ...(uid === undefined ? {} : { uid }),
        })
      },
    },
  )
  return scaleOf(call.type, changed)
}

/** POST to `<object>/<subresource>`. */
export async function createSubresource(backend: Backend, call: Call, object: JsonObject): Promise<JsonObject> {
  switch (call.subresource) {
    case 'binding':
      return bindPod(backend, call, object)
    case 'eviction':
      return evictPod(backend, call, object)
    case 'token':
      return issueServiceAccountToken(backend, call, object)
    default:
      throw methodNotAllowed()
  }
}

/** Puts a Pod on a node. */
export async function bindPod(backend: Backend, call: Call, binding: JsonObject): Promise<JsonObject> {
  const node = part(binding, 'target').name
  if (typeof node !== 'string' || node === '') {
    throw unforeseen('target.name: Required value')
  }
  await changeObject(
    backend,
    { ...call, subresource: 'binding' },
    {
      make: (pod) => {
        const spec = part(pod, 'spec')
        if (typeof metadataOf(pod).deletionTimestamp === 'string')
          throw conflict(
            { group: '', resource: 'pods/binding' },
            call.name,
            `pod ${call.name} is being deleted, cannot be assigned to a host`,
          )
        if (typeof spec.nodeName === 'string' && spec.nodeName !== '')
          throw conflict(
            { group: '', resource: 'pods/binding' },
            call.name,
            `pod ${call.name} is already assigned to node ${JSON.stringify(spec.nodeName)}`,
          )
        const condition = {
          type: 'PodScheduled',
          status: 'True',
          lastProbeTime: null,
          lastTransitionTime: timestamp(backend.now()),
        }
        const conditions = getOwn(part(pod, 'status'), 'conditions')
        const others = Array.isArray(conditions) ? conditions.filter((one) => one?.type !== 'PodScheduled') : []
        const status = { ...part(pod, 'status'), conditions: [...others, condition] }
        return { ...withKeys(pod, { spec: { ...spec, nodeName: node }, status }) }
      },
    },
  )
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
}

/** Deletes a Pod unless a PodDisruptionBudget forbids it. */
async function evictPod(backend: Backend, call: Call, eviction: JsonObject): Promise<JsonObject> {
  const pod = getObject(backend, { ...call, subresource: '' })
  const blocking = backend.store
    .list('poddisruptionbudgets.policy', call.namespace)
    .find((budget) => blocks(budget, pod))
  if (blocking !== undefined) {
    const needs = part(blocking, 'status')
    throw new ApiError(429, 'TooManyRequests', "Cannot evict pod as it would violate the pod's disruption budget.", {
      causes: [
        {
          reason: 'DisruptionBudget',
          message: `The disruption budget ${nameOf(blocking)} needs ${String(needs.desiredHealthy ?? 0)} healthy pods and has ${String(needs.currentHealthy ?? 0)} currently`,
        },
      ],
    })
  }
  const options = part(eviction, 'deleteOptions')
  const { gracePeriodSeconds } = options
  const wanted: DeleteOptions = typeof gracePeriodSeconds === 'number' ? { gracePeriodSeconds } : {}
  const dryRun = call.dryRun || Array.isArray(options.dryRun)
  await deleteObject(backend, { ...call, subresource: '', dryRun }, wanted)
  return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 }
}

function blocks(budget: JsonObject, pod: JsonObject): boolean {
  const selector = part(part(budget, 'spec'), 'selector')
  const wanted = Object.entries(part(selector, 'matchLabels'))
  if (wanted.length === 0) return false
  const labels = part(metadataOf(pod), 'labels')
  const phase = part(pod, 'status').phase
  if (phase !== 'Running') return false
  const allowed = part(budget, 'status').disruptionsAllowed
  return wanted.every(([key, value]) => getOwn(labels, key) === value) && !(typeof allowed === 'number' && allowed > 0)
}
